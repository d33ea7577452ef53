/** The clocks of machines may differ by this much (ms) without an agent losing a task over it. */
export const CLOCK_SKEW_MS = 2 * 60_000;

/**
 * What the commits of the branch prove about the clock that wrote a heartbeat. Their order is certain, whatever their
 * times say: each was made after those before it.
 */
export interface ClockProof {
  /** The clock was behind by at least this much (ms): a commit of the claim has an earlier time than one before it. */
  readonly behindMs: number;
  /**
   * The clock was ahead by at least this much (ms): the heartbeat's commit has a later time than one after it. 0: not
   * shown.
   */
  readonly aheadMs: number;
}

/**
 * What is known about a claim's last heartbeat besides the time in it. Each fact holds, no matter whose clock is wrong.
 */
export interface ClaimEvidence {
  /** What the branch proves about the clock that wrote it; absent if it proves nothing or was not asked. */
  readonly clock?: ClockProof;
  /** How long ago (ms, by its own clock) this clone looked and the heartbeat was not there yet. */
  readonly arrivedWithinMs?: number;
  /** How long (ms, by its own clock) this clone has seen this heartbeat and no newer one. */
  readonly watchedMs?: number;
}

/** The commits of a branch, as far as one claim is concerned. */
export interface ClaimHistory {
  /** Committer times (ms since the epoch) of the branch, newest commit first. */
  readonly times: readonly number[];
  /** Positions in `times` of the commits that touched the claim, newest first, back to the one that made it. */
  readonly touches: readonly number[];
}

/**
 * What the branch proves about the clock of the heartbeat in the claim's file.
 *
 * undefined if no commit of the claim has the heartbeat's time: then another process invented the time or wrote it
 * down, and the clocks of commits say nothing about it. A commit from the judge's future proves nothing either. A
 * commit with an earlier time than one before it has a slow clock, so it dates nothing that came before it.
 *
 * @param heartbeat the time in the file, ms since the epoch
 * @param now the judge's clock, ms since the epoch
 */
export function clockProof({ times, touches }: ClaimHistory, heartbeat: number, now: number): ClockProof | undefined {
  const writtenAt = touches.findIndex((at) => Math.abs((times[at] ?? 0) - heartbeat) <= CLOCK_SKEW_MS);
  if (writtenAt < 0) return undefined;
  const isCredible = (time: number): boolean => time <= now + CLOCK_SKEW_MS;
  const behind = lags(times, (at) => isCredible(times[at] ?? 0));
  // The claim's own clock cannot show that other clocks are slow: it is the one in question.
  const own = new Set(touches);
  const behindOthers = lags(times, (at) => !own.has(at) && isCredible(times[at] ?? 0));
  const position = touches[writtenAt] ?? 0;
  const written = times[position] ?? heartbeat;
  const later = times
    .slice(0, position)
    .filter((time, at) => isCredible(time) && (behindOthers[at] ?? 0) <= CLOCK_SKEW_MS);
  return {
    behindMs: Math.max(0, ...touches.slice(writtenAt).map((at) => behind[at] ?? 0)),
    aheadMs: Math.max(0, ...later.map((time) => written - time)),
  };
}

/** By how much each commit's time is before that of the newest witness among its ancestors; negative if it is later. */
function lags(times: readonly number[], isWitness: (at: number) => boolean): readonly number[] {
  let newest = Number.NEGATIVE_INFINITY;
  const found = new Array<number>(times.length);
  for (let at = times.length - 1; at >= 0; at--) {
    const time = times[at] ?? 0;
    found[at] = newest - time;
    if (isWitness(at)) newest = Math.max(newest, time);
  }
  return found;
}
