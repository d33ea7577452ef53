import { Failure } from '../../../domain/base/failure.ts';
import type { RenewedOutcome } from '../../../domain/intents/outcome.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../domain/queue/snapshot.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { Heartbeats } from '../../../engine/work/heartbeats.ts';
import { Lease } from '../../../engine/work/lease.ts';
import type { CommandContext } from '../../command/context.ts';
import { ownPresence } from '../../presence/own-presence.ts';
import { ended, stopProcess } from '../work/foreign-process.ts';
import { describeWork } from '../work/progress.ts';

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
 * @returns how many heartbeats were sent, once the process has ended or the task is completed
 * @throws Failure `claim-lost` once the claim is lost and the process is stopped; the reason of an interrupt
 */
export async function watchClaim(queue: Queue, options: WatchClaimOptions, context: CommandContext): Promise<number> {
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
  heart.hold(lease);
  const over = AbortSignal.any([signal, lease.gone, lease.done]);
  try {
    if (pid === undefined) await aborted(over);
    else await ended(pid, clock, over).catch(() => undefined);
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
  return beats;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
