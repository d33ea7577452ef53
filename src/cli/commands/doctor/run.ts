import { Failure } from '../../../domain/base/failure.ts';
import { ok, type Verdict, wrong } from '../../../domain/health/check.ts';
import { judgeDisk, judgeGitDir, judgeHistory, judgeHooks, judgeLeftovers } from '../../../domain/health/clone.ts';
import { judgeGit, judgeMeeting, judgeNode, judgeProcesses, judgeSsh } from '../../../domain/health/machine.ts';
import type { Health } from '../../../engine/queue/health.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { agentqProcesses } from '../../../machine/agentq-processes.ts';
import { runtimeFolder } from '../../../machine/runtime-folder.ts';
import { sshObstacle } from '../../../machine/shared-ssh.ts';
import { placeOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { ownVersion } from '../../presence/own-presence.ts';
import { Checkup } from './checkup.ts';
import { checkQueue } from './queue-checks.ts';
import type { DoctorResult } from './result.ts';
import { checkServer } from './server-checks.ts';

/** Options of `agentq doctor`. */
export interface DoctorOptions extends CommonOptions {
  readonly doing: 'look' | 'fix';
}

/** Reads and checks the options of `agentq doctor`. */
export function parse(input: Input): DoctorOptions {
  return { doing: input.isOn('fix') ? 'fix' : 'look' };
}

/**
 * Checks the machine, the clone, the queue and the server, cheap checks first. A finding is an answer, not a failure.
 */
export async function run({ doing }: DoctorOptions, context: CommandContext): Promise<DoctorResult> {
  const { signal, config } = context;
  const checkup = new Checkup(signal, config.timeoutMs);
  await checkMachine(checkup, context);
  const place = await context
    .withQueue(
      async (queue) => {
        await checkOpened(queue, checkup, doing, context);
        return placeOf(queue);
      },
      { signal, timeoutMs: undefined, timeoutOf: 'everything' },
    )
    .catch((error: unknown) => {
      signal.throwIfAborted();
      checkup.note('repository', unusable(error));
      return { branch: config.branch, remote: config.remote ?? null };
    });
  checkup.rest('the clone cannot be used');
  const checks = checkup.views();
  const count = (level: Verdict['level']): number => checks.filter((check) => check.level === level).length;
  const counts = { ok: count('ok'), notes: count('note'), wrong: count('wrong') };
  return { ...place, version: ownVersion(), checks, ...counts, passed: counts.wrong === 0 };
}

async function checkMachine(checkup: Checkup, { env }: CommandContext): Promise<void> {
  const version = ownVersion();
  await checkup.check('node', () => judgeNode(process.versions.node));
  await checkup.check('meeting', () => judgeMeeting(runtimeFolder(env)));
  await checkup.check('processes', () =>
    judgeProcesses(version === 'unreleased' ? undefined : version, agentqProcesses()),
  );
}

/** The checks that need an open queue. Those of the repository come first: without it, there is nothing else. */
async function checkOpened(
  queue: Queue,
  checkup: Checkup,
  doing: DoctorOptions['doing'],
  context: CommandContext,
): Promise<void> {
  const health = await queue.health();
  await checkClone(health, checkup, doing, context);
  if (health.remote === undefined) {
    const why = 'the queue has no remote';
    await checkQueue({ queue, health, checkup, doing, context });
    checkup.rest(why);
    return;
  }
  const looked = await checkQueue({ queue, health, checkup, doing, context });
  if (looked === 'away') {
    checkup.rest('the remote does not answer');
    return;
  }
  context.log.info('trying with throwaway refs what the server can do');
  await checkServer({ health, checkup, doing });
}

async function checkClone(
  health: Health,
  checkup: Checkup,
  doing: DoctorOptions['doing'],
  { config, env }: CommandContext,
): Promise<void> {
  await checkup.check('git', async () => judgeGit(await health.gitVersion()));
  const { remote } = health;
  await checkup.check('ssh', () =>
    judgeSsh({
      transport: remote?.transport ?? 'other',
      wanted: config.ssh,
      obstacle: remote?.ownSsh === true ? 'core.sshCommand says how ssh is started' : sshObstacle(env),
    }),
  );
  const facts = await checkup.attempt(() => health.clone());
  if (typeof facts === 'string') {
    checkup.note('repository', wrong(`the clone cannot be examined: ${facts}`, 'check the owner and the mode of .git'));
    return;
  }
  checkup.note('repository', ok(KINDS[facts.kind]));
  checkup.note('git-dir', judgeGitDir(facts));
  checkup.note('disk', judgeDisk(facts));
  checkup.note('history', judgeHistory(facts));
  checkup.note('hooks', judgeHooks(facts));
  checkup.note('leftovers', judgeLeftovers(facts));
  const ours = facts.leftovers.filter(({ whose }) => whose === 'ours');
  if (doing === 'look' || ours.length === 0) return;
  const after = await checkup.attempt(async () => {
    await health.removeLeftovers();
    return health.clone();
  });
  if (typeof after === 'string') return;
  const still = new Set(after.leftovers.map(({ name }) => name));
  const gone = ours.map(({ name }) => name).filter((name) => !still.has(name));
  checkup.note('leftovers', judgeLeftovers(after), 0, gone);
}

const KINDS = { clone: 'a clone', bare: 'a bare repository', worktree: 'a linked worktree' } as const;

function unusable(error: unknown): Verdict {
  if (!(error instanceof Failure)) throw error;
  return wrong(error.message, error.hint ?? 'run agentq doctor inside a clone');
}
