import { once } from 'node:events';
import { Failure } from '../../../domain/base/failure.ts';
import { type Content, changedIn } from '../../../domain/changing/content.ts';
import type { RenewedOutcome } from '../../../domain/intents/outcome.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../domain/queue/snapshot.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { named } from '../../../domain/telling/happened.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { Heartbeats } from '../../../engine/work/heartbeats.ts';
import { Lease } from '../../../engine/work/lease.ts';
import type { CommandContext } from '../../command/context.ts';
import { ownPresence } from '../../presence/own-presence.ts';
import { ended, stopProcess } from '../work/foreign-process.ts';
import { describeWork } from '../work/progress.ts';
import { changedLine } from './changed-line.ts';
import { noteSeen } from './what-changed.ts';

export interface WatchClaimOptions {
  readonly agent: string;
  /** The outcome of the first heartbeat. */
  readonly renewed: RenewedOutcome;
  /** Time between two heartbeats (ms); undefined: a third of the pool's `stalled_after`. */
  readonly everyMs: number | undefined;
  /** The process that works on the task; undefined: the caller stops it. */
  readonly pid: number | undefined;
  readonly graceMs: number;
}

/**
 * Renews a claim for as long as a command that another process started works on the task.
 * @returns how many heartbeats were sent and what others have changed of the task meanwhile, once the process has ended or
 *   the task is completed
 * @throws Failure `claim-lost` once the claim is lost and the process is stopped; the reason of an interrupt
 */
export async function watchClaim(
  queue: Queue,
  options: WatchClaimOptions,
  context: CommandContext,
): Promise<{ readonly beats: number; readonly changed: readonly string[] }> {
  const { agent, renewed, everyMs, pid, graceMs } = options;
  const { clock, random, log, signal } = context;
  const { key, claimId = '', title, path, pool = DEFAULT_POOL_SETTINGS } = renewed;
  let beats = 1;
  const presence = ownPresence(queue, { agents: [agent], command: 'heartbeat', project: key.project }, context);
  const heart = new Heartbeats({
    queue,
    clock,
    random,
    intervalMs: everyMs,
    onEvent(event) {
      if (event.kind === 'renewed') {
        beats++;
        // A task that needs no second heartbeat is over too soon for two more pushes.
        presence.appear();
      }
      const line = describeWork(event);
      if (line) log[line.level](line.message);
    },
  });
  const lease = new Lease({ agent, task: key, title, claimId, path, commit: undefined }, pool, clock.now());
  const changed = new Set<string>();
  const note = (names: readonly string[]): void => {
    for (const name of names) changed.add(name);
    if (names.length > 0) log.info(changedLine(key, names), { ...named(key), changed: names });
  };
  if (renewed.content !== undefined) tellChanges(lease, renewed.content, note, context);
  heart.hold(lease);
  const over = AbortSignal.any([signal, lease.gone, lease.done]);
  try {
    if (pid !== undefined) await ended(pid, clock, over).catch(() => undefined);
    else if (!over.aborted) await once(over, 'abort');
  } finally {
    heart.drop(lease);
  }
  await heart.stopped();
  const left = presence.leave();
  if (lease.gone.aborted) {
    const reason = String(lease.gone.reason);
    if (pid !== undefined) {
      log.warning(`stops process ${pid}: ${reason}`);
      await stopProcess(pid, graceMs, clock);
    }
    await left;
    throw new Failure('claim-lost', `${formatKey(key)} is lost: ${reason}`, { hint: 'stop working on it' });
  }
  await left;
  signal.throwIfAborted();
  return { beats, changed: [...changed] };
}

/** Tells what others change of the task from now on, each change once. */
function tellChanges(
  lease: Lease,
  known: Content,
  note: (changed: readonly string[]) => void,
  context: CommandContext,
): void {
  let before = known;
  lease.onNews(known, (now) => {
    note(changedIn(before, now));
    before = now;
    noteSeen(lease.job.claimId, now, context);
  });
}
