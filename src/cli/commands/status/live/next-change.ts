import type { Clock } from '../../../../domain/base/clock.ts';
import type { Tip, Tips } from '../../../../engine/queue/tips.ts';

/** After a read, at least this long (ms) passes before the next: a busy branch moves many times a second. */
const LEAST_PAUSE_MS = 1_000;

/** Without a change of the branch, the queue is due again after this time (ms): a claim that stalls makes no commit. */
const READ_AGAIN_MS = 30_000;

/**
 * Waits until the queue is worth reading again: the branch has moved, or it is time.
 * @param leastPauseMs how long to wait at least
 * @returns where the branch is
 * @throws the reason of `ended`; Failure if the remote refuses
 */
export async function nextChange(
  tips: Tips,
  known: Tip,
  clock: Clock,
  ended: AbortSignal,
  leastPauseMs: number = LEAST_PAUSE_MS,
): Promise<Tip> {
  await clock.sleep(leastPauseMs, ended);
  const again = AbortSignal.any([ended, AbortSignal.timeout(READ_AGAIN_MS)]);
  try {
    return await tips.changed(known, again);
  } catch (error) {
    ended.throwIfAborted();
    if (!again.aborted) throw error;
    return known;
  }
}
