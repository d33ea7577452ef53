import { given } from '../../../domain/base/given.ts';
import type { HeldTask } from '../../../domain/figures/held-tasks.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { placeOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import { type AllMineOptions, whoHolds } from '../../command/hooks/all-mine.ts';
import { heldBy } from '../../presence/held-by.ts';
import type { ReleaseMineResult } from './result.ts';

/** Longest time (ms) that a tool waits for its hook when a session ends. */
const HOOK_LIMIT_MS = 20_000;

/** Ends of a session after which its work may go on under the same name. */
const GOES_ON: readonly (string | undefined)[] = ['clear', 'resume'];

export interface ReleaseMineOptions extends AllMineOptions {
  readonly reason: string | undefined;
  readonly isReminder: boolean;
}

/**
 * Gives back all that an agent works on, or says what that is.
 * @throws Failure as a release does, but not for a hook: whatever happens there, the tool ends
 */
export async function releaseMine(options: ReleaseMineOptions, context: CommandContext): Promise<ReleaseMineResult> {
  const { who, hook, by, isReminder } = options;
  const as = hook === undefined ? 'lines' : 'hook';
  const nothing = {
    branch: context.config.branch,
    remote: null,
    released: [],
    held: [],
    presentation: { as, message: undefined },
  } as const;
  const known = await whoHolds(options, context);
  if (known === undefined) return { ...nothing, agent: null, skipped: 'nobody' };
  const { agent, call } = known;
  if (by === 'worker') return { ...nothing, agent, skipped: 'worker' };
  // A named agent goes on in the next session of the same terminal, and finds there what it holds.
  if (who !== undefined && GOES_ON.includes(call?.reason)) return { ...nothing, agent, skipped: 'continues' };
  const timeoutMs = context.config.timeoutMs ?? HOOK_LIMIT_MS;
  const limits = { signal: context.signal, timeoutMs, timeoutOf: 'everything' as const };
  const reason = options.reason ?? (hook && 'the session ended');
  try {
    return await context.withQueue(async (queue) => {
      const { held } = await heldBy(queue, agent, context.clock.now());
      const found = { ...nothing, ...placeOf(queue), agent, skipped: null };
      if (isReminder) {
        const message = held.length === 0 ? undefined : reminder(held, agent);
        if (message !== undefined && hook === undefined) context.log.info(message);
        return { ...found, held: held.map(nameOf), presentation: { as, message } };
      }
      const released: ReturnType<typeof nameOf>[] = [];
      for (const task of held) released.push(await release(queue, agent, task, reason, context));
      return { ...found, released };
    }, hook && limits);
  } catch (error) {
    context.signal.throwIfAborted();
    if (hook === undefined) throw error;
    context.log.debug(`not given back: ${error instanceof Error ? error.message : String(error)}`);
    return { ...nothing, agent, skipped: 'failed' };
  }
}

async function release(
  queue: Queue,
  agent: string,
  held: HeldTask,
  reason: string | undefined,
  context: CommandContext,
): Promise<ReturnType<typeof nameOf>> {
  const { key, claimId } = held;
  const task = { project: key.project, id: key.id };
  await carryOut(queue, context, {
    intent: (request) => ({ kind: 'release', request, agent, task, ...given({ claimId, reason }) }),
    request: undefined,
    becomes: 'released',
    tell(outcome, submitted) {
      const told = happened('task.released', outcome, { agent, ...submitted });
      context.log.tell({ ...told, ...given({ reason }) }, `released ${formatKey(key)}`);
    },
  });
  return nameOf(held);
}

function reminder(held: readonly HeldTask[], agent: string): string {
  const names = held.map(({ key }) => formatKey(key));
  return `${agent} still holds ${names.join(', ')}; to give back: \`agentq release ${names[0]} ${agent}\`${names.length > 1 ? `, or all: \`agentq release --mine --agent ${agent}\`` : ''}`;
}

function nameOf({ key, title }: HeldTask): { project: string; task: string; title: string | null } {
  return { project: key.project, task: key.id, title: title ?? null };
}
