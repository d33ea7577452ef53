import type { QueueState } from '../queue/queue-state.ts';
import type { TaskKey } from '../queue/task.ts';

/** First and longest time (ms) for which a worker's command leaves a failed task to the others; it doubles each time. */
export const FIRST_PAUSE_MS = 10_000;
export const LONGEST_PAUSE_MS = 300_000;

/** How much longer the agent leaves it alone that failed: others are more likely to get it done. */
export const OWN_TIMES = 6;

/**
 * How long (ms) the agent is not offered the task, at which a worker of that name has failed, in whatever process; 0: it
 * may have it. The ledger knows it, as far as it keeps failures. A failure from a clock that is far ahead counts for
 * nothing: nobody would get the task for as long.
 */
export function leftAloneFor(state: QueueState, key: TaskKey, agent: string, now: number): number {
  const own = state.failures(key).last.filter((failure) => failure.agent === agent);
  const last = own.at(-1);
  if (last === undefined) return 0;
  const pauseMs = OWN_TIMES * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (own.length - 1));
  const sinceMs = now - Date.parse(last.at);
  return Math.abs(sinceMs) < pauseMs ? pauseMs - Math.max(0, sinceMs) : 0;
}
