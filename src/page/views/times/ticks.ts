import { clockOf, dayOf, startOfDay } from './clock.ts';

/** A mark of a time axis. */
export interface Tick {
  /** ms since the epoch */
  readonly at: number;
  /** Place from the left, 0 to 100. */
  readonly percent: number;
  readonly label: string;
  /** Begins a day. */
  readonly isDay: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lengths of time that readers count in. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE);
const STEPS_OF_DAYS = [1, 2, 7, 14, 28, 56, 112];

/**
 * Marks at full hours or days of the reader's clock.
 * @param most number of marks that fit side by side, 1 or more
 */
export function ticksIn(from: number, to: number, most: number): Tick[] {
  const length = to - from;
  if (!(length > 0)) return [];
  const step = STEPS.find((each) => length / each <= most);
  const times = step === undefined ? byDays(from, to, most) : byStep(from, to, step);
  return times.map((at) => {
    const isDay = at === startOfDay(at);
    const label = isDay ? dayOf(at, to) : clockOf(at);
    return { at, percent: ((at - from) / length) * 100, label, isDay };
  });
}

/** Counted from midnight, so that marks are at full hours also in zones with half of one, and on days of 23 hours. */
function byStep(from: number, to: number, step: number): number[] {
  const times: number[] = [];
  for (let day = startOfDay(from); day <= to; day = startOfDay(day + DAY + 2 * HOUR)) {
    const next = startOfDay(day + DAY + 2 * HOUR);
    for (let at = day; at < next && at <= to; at += step) if (at >= from) times.push(at);
  }
  return times;
}

function byDays(from: number, to: number, most: number): number[] {
  const days = STEPS_OF_DAYS.find((each) => (to - from) / (each * DAY) <= most) ?? Math.ceil((to - from) / DAY / most);
  const times: number[] = [];
  for (let at = startOfDay(from + DAY - 1), day = 0; at <= to; at = startOfDay(at + DAY + 2 * HOUR), day++) {
    if (at >= from && day % days === 0) times.push(at);
  }
  return times;
}
