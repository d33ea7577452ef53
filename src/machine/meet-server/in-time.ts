import type { Clock } from '../../domain/base/clock.ts';

/** The steps (ms) in which time is counted. */
const STEP_MS = 100;

/** What did not answer in time. */
export class Late extends Error {}

/**
 * Settles with the work, or rejects with {@link Late}. The time is counted in steps: a long one is our own, on a busy
 * machine or after a suspension, and the answer may be waiting to be read.
 */
export async function inTime<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  const done = new AbortController();
  const late = async (): Promise<never> => {
    for (let left = ms; left > 0; left -= STEP_MS) await clock.sleep(Math.min(left, STEP_MS), done.signal);
    throw new Late(`no answer within ${ms} ms`);
  };
  const limit = late();
  limit.catch(() => undefined);
  return Promise.race([work, limit]).finally(() => done.abort());
}
