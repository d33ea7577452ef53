import { formatDuration } from '../../../domain/base/duration.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { quote } from '../../../domain/base/names.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import { formatKey, type TaskKey, type TaskState } from '../../../domain/queue/task.ts';
import { resolveOwned } from '../../../domain/resolving/ownership.ts';
import { resolveReference } from '../../../domain/resolving/reference.ts';
import { named } from '../../../domain/telling/happened.ts';
import type { OutputTold } from '../../../domain/telling/told.ts';
import { failureOf } from '../../../engine/base/refusal.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { wordsOfEnd } from '../../../engine/work/attending.ts';
import type { CommandEnd } from '../../../engine/work/workspace.ts';
import type { ClaimedTaskOptions } from '../../command/claimed-task.ts';
import type { CommandContext } from '../../command/context.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { shellCommand, startCommand } from '../work/command-process.ts';

/** How long (ms) a check may take to end when it is told to. */
const GRACE_MS = 2_000;

/** How often (ms) a check that takes long is reported. */
const SAY_AGAIN_MS = 30_000;

/**
 * Runs the checks that the task's file names on the branch, here and one after another. Nothing is run for a task that
 * this agent could not complete anyway, or has completed before.
 * @throws Failure `command-failed` if a check fails, or why the task cannot be completed
 */
export async function verify(queue: Queue, owner: ClaimedTaskOptions, context: CommandContext): Promise<void> {
  const startedAt = context.clock.now();
  const { agent, task, claimId } = owner;
  const reader = await queue.read();
  const state = new QueueState(await reader.snapshot({ read: new Set<TaskState>(), ids: new Set([task.id]) }));
  const found = resolveReference(state, task);
  if (found.kind === 'found' && found.entry.state === 'completed') return;
  const owned = resolveOwned(state, { agent, task, ...given({ claimId }) });
  if (owned.kind === 'refused') throw failureOf(owned.refusal);
  const name = formatKey(owned.entry.key);
  const checks = owned.task.verify ?? [];
  if (checks.length === 0) context.log.warning(`the file of ${name} names no checks: nothing is verified`);
  const variables = {
    ...given(context.env),
    AGENTQ_PROJECT: owned.entry.key.project,
    AGENTQ_TASK_ID: owned.entry.key.id,
    AGENTQ_AGENT: agent,
    AGENTQ_BRANCH: queue.place.branch,
  };
  for (const check of checks) {
    context.log.info(`checks ${name}: ${check}`, named(owned.entry.key));
    const end = await runCheck(check, { key: owned.entry.key, env: variables, startedAt }, context);
    if (end.kind === 'exited' && end.code === 0) continue;
    throw new Failure('command-failed', `${name} is not completed: the check ${quote(check)} ${wordsOfEnd(end)}`, {
      hint: 'nothing was changed, and the claim stands',
      details: { check, exitCode: end.kind === 'exited' ? end.code : null },
    });
  }
}

/** @throws Failure `timed-out` or `interrupted`: the check has been ended then */
async function runCheck(
  check: string,
  { key, env, startedAt }: { key: TaskKey; env: Readonly<Record<string, string>>; startedAt: number },
  context: CommandContext,
): Promise<CommandEnd> {
  const { clock, config, signal } = context;
  const running = startCommand({
    command: shellCommand(check),
    cwd: config.dir,
    env,
    input: undefined,
    clock,
    onLine: (line, stream) => show(line, { event: 'command.output', ...named(key), stream }, context),
    onBytes: () => undefined,
  });
  const over = new AbortController();
  const { timeoutMs } = config;
  let late: Failure | undefined;
  const stop = (): void => running.stop(GRACE_MS);
  signal.addEventListener('abort', stop, { once: true, signal: over.signal });
  if (signal.aborted) stop();
  if (timeoutMs !== undefined) {
    clock.sleep(Math.max(0, startedAt + timeoutMs - clock.now()), over.signal).then(
      () => {
        late = new Failure('timed-out', `the check ${quote(check)} did not end within ${formatDuration(timeoutMs)}`);
        stop();
      },
      () => undefined,
    );
  }
  void sayThatItTakesLong(check, over.signal, context).catch(() => undefined);
  const end = await running.ended;
  over.abort();
  if (signal.aborted) throw signal.reason;
  if (late !== undefined) throw late;
  return end;
}

async function sayThatItTakesLong(check: string, over: AbortSignal, { clock, log }: CommandContext): Promise<void> {
  const startedAt = clock.now();
  for (;;) {
    await clock.sleep(SAY_AGAIN_MS, over);
    log.event({ kind: 'still-waiting', what: `the check ${quote(check)}`, elapsedMs: clock.now() - startedAt });
  }
}

function show(line: string, told: OutputTold, { stderr, log }: CommandContext): void {
  if (stderr.level === 'error') return;
  if (stderr.format === 'json') log.tell(told, line);
  else stderr.sink.write(`${sanitizeLine(line.replaceAll('\t', '    '))}\n`);
}
