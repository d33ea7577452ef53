import type { BackoffPolicy } from './backoff.ts';

/** Weight of the newest push in the rate: about the last ten count. */
const WEIGHT = 0.2;

/** How many of the last pushes {@link RejectionRate.seen} is about. */
const MOST_SEEN = 10;

/** The rate assumed for an unknown queue: the base is then the configured one. */
export const UNKNOWN_RATE = 0.5;

/** How long (ms) after a lost race those who won it count as still there. */
const RIVALS_STAY_MS = 10_000;

/** The base follows the rate, between a quarter and four times the configured base. */
const SPAN = 4;

/** How often pushes to this queue were rejected lately, as seen from this clone; from 0 to 1. */
export class RejectionRate {
  #rate: number;
  /** Whether there is anything worth remembering: a queue that has rejected nothing yet leaves no file. */
  #hasRejected: boolean;
  /** When a push was last rejected (ms since the epoch). */
  #rejectedAt: number | undefined;
  readonly #remember: (rate: number, rejectedAt: number | undefined) => Promise<void>;
  /** Whether each of the last pushes of this process was rejected. */
  readonly #last: boolean[] = [];

  /**
   * @param known the rate that an earlier process kept, if any did
   * @param remember keeps the rate, and the time of the last rejection, for the next process
   * @param rejectedAt that time, if an earlier process kept one
   */
  constructor(
    known: number | undefined,
    remember: (rate: number, rejectedAt: number | undefined) => Promise<void>,
    rejectedAt?: number,
  ) {
    this.#rate = known ?? UNKNOWN_RATE;
    this.#hasRejected = known !== undefined;
    this.#remember = remember;
    this.#rejectedAt = rejectedAt;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Share of this process's last pushes that were rejected; undefined before the first, when the rate is a guess. */
  get seen(): number | undefined {
    return this.#last.length === 0 ? undefined : this.#last.filter(Boolean).length / this.#last.length;
  }

  /**
   * Whether the next push is likely to be rejected, too: more than half of the last ones were, and one of them just
   * now. Losing a race costs a push, and so does asking for help before it.
   * @param now ms since the epoch
   */
  rivals(now: number): 'seen' | 'unseen' {
    const isRecent = this.#rejectedAt !== undefined && Math.abs(now - this.#rejectedAt) <= RIVALS_STAY_MS;
    return isRecent && this.#rate > 0.5 ? 'seen' : 'unseen';
  }

  /**
   * Takes a push into account (an exponentially weighted moving average).
   * @param now ms since the epoch
   */
  async note(outcome: 'landed' | 'rejected', now: number): Promise<void> {
    this.#last.push(outcome === 'rejected');
    if (this.#last.length > MOST_SEEN) this.#last.shift();
    const before = this.#rate;
    this.#rate += WEIGHT * ((outcome === 'rejected' ? 1 : 0) - before);
    // The rate of a quiet queue stays near 0, which is not worth a write on every claim.
    if (outcome === 'rejected') {
      this.#hasRejected = true;
      this.#rejectedAt = now;
    }
    const isNews = outcome === 'rejected' || Math.abs(this.#rate - before) > 0.01;
    if (this.#hasRejected && isNews) await this.#remember(this.#rate, this.#rejectedAt);
  }

  /**
   * The policy with its base adapted: `base * 4^(2 * rate - 1)`. A queue that rejects every other push keeps the
   * configured base, a quiet one retries sooner and a crowded one later. The guide's schedule stays as it is.
   */
  adapt(policy: BackoffPolicy): BackoffPolicy {
    return { ...policy, baseMs: Math.max(1, Math.round(policy.baseMs * SPAN ** (2 * this.#rate - 1))) };
  }
}
