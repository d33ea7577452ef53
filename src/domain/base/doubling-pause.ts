/**
 * A pause (ms) that doubles each time, for what no push and no rival is behind, so that it needs no jitter.
 * @param nth number of the pause, from 1
 */
export function doublingPause(firstMs: number, longestMs: number, nth: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(nth - 1, 20));
}
