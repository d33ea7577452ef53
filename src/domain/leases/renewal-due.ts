/** What a clone remembers of the renewals of an agent; times are ms since the epoch. */
export interface LastRenewal {
  /** When all that it holds was last renewed, or looked for. */
  readonly at: number;
  /** When that was last tried. */
  readonly triedAt: number;
  /** After how long without a renewal the pool takes a claim back. */
  readonly stalledAfterMs: number;
  /** What it held then, as `project/TASK-ID`. */
  readonly held: readonly string[];
}

/** Renewals within the time after which a claim is taken back: two may fail. */
const RENEWALS_IN_LIMIT = 3;

/** What failed is not tried again at once if the caller calls with each step that an agent takes. */
const RETRY_MS = 60_000;

/**
 * Whether it is time to renew, by what this clone remembers.
 * @param olderThanMs longest age of the last renewal; a pool with a shorter limit needs it sooner
 * @param again when what failed is tried again
 */
export function isRenewalDue(
  last: LastRenewal | undefined,
  now: number,
  olderThanMs: number,
  again: 'at-once' | 'later',
): boolean {
  // A clock that was set back says nothing.
  if (last === undefined || last.at > now || last.triedAt > now) return true;
  const interval = Math.min(olderThanMs, last.stalledAfterMs / RENEWALS_IN_LIMIT);
  const pause = again === 'later' ? Math.min(RETRY_MS, interval) : 0;
  return now - last.at >= interval && now - last.triedAt >= pause;
}
