import { doublingPause } from '../base/doubling-pause.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskKey } from '../queue/task.ts';

/** First and longest time (ms) for which a worker's command leaves a failed task to the others; it doubles each time. */
export const FIRST_PAUSE_MS = 10_000;
export const LONGEST_PAUSE_MS = 300_000;

/** How much longer the agent leaves it alone that failed: others are more likely to get it done. */
export const OWN_TIMES = 6;

/**
 * Whether a worker of that name, in whatever process, has failed at the task so recently that the agent takes others
 * first: a minute ago at most, two minutes after its second failure, and so on up to half an hour. The ledger knows it,
 * as far as it keeps failures. A failure from a clock that is far ahead counts for nothing.
 */
export function hasJustFailed(state: QueueState, key: TaskKey, agent: string, now: number): boolean {
  const own = state.failures(key).last.filter((failure) => failure.agent === agent);
  const last = own.at(-1);
  if (last === undefined) return false;
  const pauseMs = OWN_TIMES * doublingPause(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, own.length);
  return Math.abs(now - Date.parse(last.at)) < pauseMs;
}
