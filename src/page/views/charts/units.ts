/** How values are written next to an axis, in a tooltip and in a table. */
export type Unit = 'count' | 'share' | 'duration';

/** What nothing tells. */
const NOTHING = '–';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps between marks of an axis of durations, in ms: 5 minutes are a step, 4.17 are none. */
export const DURATION_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365].map((days) => days * DAY),
];

/** A value with its unit; a dash if nothing tells. */
export function valueText(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  if (unit === 'share') return `${shortNumber(value * 100)} %`;
  return unit === 'duration' ? durationText(value) : grouped(value);
}

/** Exact to about a hundredth: `340 ms`, `1.25 s`, `3 min 20 s`, `53 min`, `2 h 5 min`, `4 d 3 h`. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${shortNumber(ms / SECOND)} s`;
  if (ms < HOUR / 2) return twoUnits(ms, [MINUTE, 'min'], [SECOND, 's']);
  if (ms < DAY) return twoUnits(ms, [HOUR, 'h'], [MINUTE, 'min']);
  return twoUnits(ms, [DAY, 'd'], [HOUR, 'h']);
}

/** A mark of an axis: what its step makes a round number is one. */
export function markText(value: number, unit: Unit): string {
  if (unit === 'share') return `${shortNumber(value * 100)} %`;
  if (unit === 'count') return grouped(value);
  if (value === 0) return '0';
  return durationText(value);
}

function twoUnits(ms: number, [large, name]: [number, string], [small, smallName]: [number, string]): string {
  const parts = Math.round(ms / small);
  const perLarge = large / small;
  const rest = parts % perLarge;
  const whole = (parts - rest) / perLarge;
  if (whole === 0) return `${rest} ${smallName}`;
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${smallName}`;
}

/** Three digits at most, without zeros at the end. */
function shortNumber(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** Thousands apart: `12,345`. */
function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
