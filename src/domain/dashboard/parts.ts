const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lengths of a part that people can read off an axis. */
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY),
];

/** Most parts of a window: more would be narrower than a line. */
export const MOST_PARTS = 60;

/** A window in parts of one length. They begin at whole steps, so that a later look has the same ones. Times are ms. */
export class Parts {
  /** The beginning of the first part, at or before that of the window. */
  readonly from: number;
  readonly stepMs: number;
  readonly count: number;
  readonly #to: number;

  constructor(from: number, to: number) {
    // One part more than fits: the first and the last are not whole.
    const fits = (step: number): boolean => (to - from) / step <= MOST_PARTS - 2;
    const longest = STEPS.at(-1) ?? DAY;
    this.stepMs = STEPS.find(fits) ?? Math.ceil((to - from) / (MOST_PARTS - 2) / longest) * longest;
    this.from = Math.floor(from / this.stepMs) * this.stepMs;
    this.count = Math.floor((to - this.from) / this.stepMs) + 1;
    this.#to = to;
  }

  /** Which part the time is in; undefined: none. */
  at(time: number): number | undefined {
    return time < this.from || time > this.#to ? undefined : Math.floor((time - this.from) / this.stepMs);
  }
}
