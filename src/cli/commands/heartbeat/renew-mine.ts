import { given } from '../../../domain/base/given.ts';
import type { HeldTask } from '../../../domain/figures/held-tasks.ts';
import { expectOutcome } from '../../../domain/intents/expect-outcome.ts';
import type { LastRenewal } from '../../../domain/leases/renewal-due.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { named } from '../../../domain/telling/happened.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { placeOf } from '../../command/answers.ts';
import { followCheckout } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import { whoHolds } from '../../command/hooks/all-mine.ts';
import { heldBy } from '../../presence/held-by.ts';
import { lostTasks } from '../../presence/lost-tasks.ts';
import { changedLine } from './changed-line.ts';
import { memoryOf, nothingDone, type RenewMineOptions } from './not-now.ts';
import type { MineResult, RenewedTask } from './result.ts';
import { whatChanged } from './what-changed.ts';

/** Longest time (ms) that a tool waits for its hook; then the next call tries again. */
const HOOK_LIMIT_MS = 20_000;

/**
 * Renews all that an agent holds.
 * @throws Failure as a heartbeat does, but not for a hook: whatever happens there, the tool goes on
 */
export async function renewMine(options: RenewMineOptions, context: CommandContext): Promise<MineResult> {
  const known = await whoHolds(options, context);
  if (known === undefined) return nothingDone(options, null, 'nobody');
  const { agent } = known;
  const { config, clock, log, signal } = context;
  const memory = memoryOf(agent, config.dir, options);
  const now = clock.now();
  const nothing: LastRenewal = { at: 0, triedAt: 0, stalledAfterMs: Number.MAX_SAFE_INTEGER, held: [] };
  const before = memory?.read() ?? nothing;
  // Before anything is asked: a tool that runs several calls at once renews once.
  memory?.write({ ...before, triedAt: now });
  const limits = { signal, timeoutMs: config.timeoutMs ?? HOOK_LIMIT_MS, timeoutOf: 'everything' as const };
  try {
    return await context.withQueue(async (queue) => {
      const { held, snapshot, reader } = await heldBy(queue, agent, now);
      const renewed = await renewAll(queue, agent, held, context);
      const names = new Set(before.held);
      for (const { key } of held) names.delete(formatKey(key));
      const lost = await lostTasks(reader, snapshot, names, agent);
      for (const { message } of lost) log.warning(message);
      const { stalledAfterMs } = snapshot.settings;
      memory?.write({ at: now, triedAt: now, stalledAfterMs, held: held.map(({ key }) => formatKey(key)) });
      return { ...nothingDone(options, agent, null), ...placeOf(queue), renewed, lost };
    }, options.hook && limits);
  } catch (error) {
    signal.throwIfAborted();
    if (options.hook === undefined) throw error;
    log.debug(`not renewed: ${error instanceof Error ? error.message : String(error)}`);
    return nothingDone(options, agent, 'failed');
  }
}

async function renewAll(
  queue: Queue,
  agent: string,
  held: readonly HeldTask[],
  context: CommandContext,
): Promise<readonly RenewedTask[]> {
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
  const renewed: RenewedTask[] = [];
  for (const renewal of renewals) {
    if (renewal.kind === 'failed') throw renewal.error;
    const { commit, base } = renewal.submitted;
    const outcome = expectOutcome(renewal.submitted.outcome, 'renewed');
    if (commit !== undefined) commits.push(commit);
    const { key, at } = outcome;
    const changed = await whatChanged(queue, outcome, commit ?? base, context);
    if (changed.length > 0) context.log.info(changedLine(key, changed), { ...named(key), changed });
    renewed.push({ project: key.project, task: key.id, lastHeartbeat: at, changed });
  }
  const newest = commits.at(-1);
  if (newest !== undefined) await followCheckout(queue, context, newest);
  return renewed;
}
