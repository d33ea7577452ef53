import type { Randomness } from '../../domain/base/clock.ts';

/** How long to wait before trying a push again. */
export interface BackoffPolicy {
  /**
   * `full-jitter`: uniform in [0, min(cap, base * 2^n)), n from 0. Of the jitters compared in Marc Brooker,
   * "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), it needs the fewest calls under contention.
   * `guide`: the old scale guide's schedule, 1, 2, 4, 8, 16 s, each multiplied by a random 1 to 2.
   */
  readonly schedule: 'full-jitter' | 'guide';
  /** Milliseconds; only for `full-jitter`. */
  readonly baseMs: number;
}

/** Longest base delay in ms: the guide's own cap. */
export const BACKOFF_CAP_MS = 16_000;

/**
 * The delay in ms before the next attempt.
 * @param retry number of this retry, from 0
 */
export function backoffDelay(policy: BackoffPolicy, retry: number, random: Randomness): number {
  // 2^30 ms is far beyond the cap; without the bound a large retry count would become Infinity * 0.
  const growth = 2 ** Math.min(retry, 30);
  switch (policy.schedule) {
    case 'full-jitter':
      return Math.round(random.next() * Math.min(BACKOFF_CAP_MS, policy.baseMs * growth));
    case 'guide':
      return Math.round(Math.min(BACKOFF_CAP_MS, 1000 * growth) * (1 + random.next()));
  }
}
