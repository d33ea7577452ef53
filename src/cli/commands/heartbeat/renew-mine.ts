import { isoSeconds } from '../../../domain/base/clock.ts';
import { given } from '../../../domain/base/given.ts';
import type { HeldTask } from '../../../domain/figures/held-tasks.ts';
import { isRenewalDue } from '../../../domain/leases/renewal-due.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { gitDirOf } from '../../../git/checkout/git-dir-of.ts';
import { RenewalMemory } from '../../../store/renewal-memory.ts';
import { placeOf } from '../../command/answers.ts';
import { followCheckout } from '../../command/carry-out.ts';
import { workTreeAbove } from '../../command/config.ts';
import type { CommandContext } from '../../command/context.ts';
import { type AllMineOptions, whoHolds } from '../../command/hooks/all-mine.ts';
import type { HookTool } from '../../command/hooks/hook.ts';
import { heldBy } from '../../presence/held-by.ts';
import { lostTasks } from '../../presence/lost-tasks.ts';
import type { MineResult } from './result.ts';

/** Longest time (ms) that a tool waits for its hook; then the next call tries again. */
const HOOK_LIMIT_MS = 20_000;

export interface RenewMineOptions extends AllMineOptions {
  /** Do nothing if the last renewal is younger (ms); undefined: renew. */
  readonly olderThanMs: number | undefined;
}

/**
 * Renews all that an agent holds, if it is time by what this clone remembers: if not, neither git nor the remote is asked.
 * @throws Failure as a heartbeat does, but not for a hook: whatever happens there, the tool goes on
 */
export async function renewMine(options: RenewMineOptions, context: CommandContext): Promise<MineResult> {
  const known = await whoHolds(options, context);
  const nothing = {
    branch: context.config.branch,
    remote: null,
    renewed: [],
    lost: [],
    presentation: shownFor(options.hook),
  };
  if (known === undefined) return { ...nothing, agent: null, skipped: 'nobody' };
  const { agent } = known;
  if (options.by === 'worker') return { ...nothing, agent, skipped: 'worker' };
  const memory = memoryOf(agent, context);
  const last = memory?.read();
  const now = context.clock.now();
  const isPatient = options.hook !== undefined;
  if (
    options.olderThanMs !== undefined &&
    !isRenewalDue(last, now, options.olderThanMs, isPatient ? 'later' : 'at-once')
  )
    return { ...nothing, agent, skipped: 'recent' };
  const remembered = { at: 0, stalledAfterMs: Number.MAX_SAFE_INTEGER, held: [], ...last };
  // Before anything is asked: a tool that runs several calls at once renews once.
  memory?.write({ ...remembered, triedAt: now });
  const limits = {
    signal: context.signal,
    timeoutMs: context.config.timeoutMs ?? HOOK_LIMIT_MS,
    timeoutOf: 'everything' as const,
  };
  try {
    return await context.withQueue(async (queue) => {
      const { held, snapshot, reader } = await heldBy(queue, agent, now);
      const renewed = await renewAll(queue, agent, held, context);
      const names = new Set(remembered.held);
      for (const { key } of held) names.delete(formatKey(key));
      const lost = await lostTasks(reader, snapshot, names, agent);
      for (const { message } of lost) context.log.warning(message);
      const { stalledAfterMs } = snapshot.settings;
      memory?.write({ at: now, triedAt: now, stalledAfterMs, held: held.map(({ key }) => formatKey(key)) });
      return { ...nothing, ...placeOf(queue), agent, renewed, lost, skipped: null };
    }, options.hook && limits);
  } catch (error) {
    context.signal.throwIfAborted();
    if (options.hook === undefined) throw error;
    context.log.debug(`not renewed: ${error instanceof Error ? error.message : String(error)}`);
    return { ...nothing, agent, skipped: 'failed' };
  }
}

async function renewAll(
  queue: Queue,
  agent: string,
  held: readonly HeldTask[],
  context: CommandContext,
): Promise<MineResult['renewed']> {
  if (held.length === 0) return [];
  const renewals = await queue.renew(
    held.map(({ key, claimId }) => ({
      kind: 'heartbeat',
      request: context.random.id(),
      agent,
      task: { project: key.project, id: key.id },
      ...given({ claimId }),
    })),
  );
  const commits: string[] = [];
  const renewed = renewals.map((renewal, index) => {
    if (renewal.kind === 'failed') throw renewal.error;
    const { outcome, commit } = renewal.submitted;
    if (commit !== undefined) commits.push(commit);
    const { key } = held[index] ?? {};
    const at = outcome.kind === 'renewed' ? outcome.at : isoSeconds(context.clock.now());
    return { project: key?.project ?? '', task: key?.id ?? '', lastHeartbeat: at };
  });
  const newest = commits.at(-1);
  if (newest !== undefined) await followCheckout(queue, context, newest);
  return renewed;
}

function memoryOf(agent: string, { config }: CommandContext): RenewalMemory | undefined {
  const workTree = workTreeAbove(config.dir);
  const gitDir = workTree === undefined ? undefined : gitDirOf(workTree);
  return gitDir === undefined ? undefined : new RenewalMemory(gitDir, [agent, config.branch, config.remote ?? '']);
}

function shownFor(hook: HookTool | undefined): MineResult['presentation'] {
  return { as: hook === undefined ? 'lines' : 'hook' };
}
