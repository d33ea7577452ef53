/** The result of parsing a user's duration. `problem` says in one line what is wrong with it. */
export type ParsedDuration =
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'problem'; readonly problem: string };

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Longest duration: a longer one would overflow node's timers, and nobody means one. */
const MAX_MS = 365 * 86_400_000;

/** Longest text (characters) that can be a duration. */
const LONGEST = 40;

/**
 * Reads `1h30m`, `90s`, `500ms`, `10m`, `2d`: whole or decimal numbers, each with a unit, largest unit first. A bare
 * number is refused, since there is no unit that everybody would expect. Zero is allowed; callers that need more check
 * for it.
 */
export function parseDuration(text: string): ParsedDuration {
  const given = text.trim();
  const example = 'give a number with a unit, such as 500ms, 90s, 10m, 1h30m or 2d';
  if (given === '') return { kind: 'problem', problem: `the duration is empty: ${example}` };
  if (given.length > LONGEST) return { kind: 'problem', problem: `this is not a duration: ${example}` };
  if (/^\d+(\.\d+)?$/.test(given)) {
    const units = `${given}s, ${given}m or ${given}h`;
    return { kind: 'problem', problem: `the duration has no unit: write ${units}, whichever is meant` };
  }
  if (!/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(given)) {
    return { kind: 'problem', problem: `this is not a duration: ${example}` };
  }
  let ms = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (const [, number = '', unit = ''] of given.matchAll(/(\d{1,40}(?:\.\d{1,40})?)(ms|[dhms])/g)) {
    const unitMs = UNIT_MS[unit] ?? Number.NaN;
    if (unitMs >= smallest) {
      return { kind: 'problem', problem: 'the units of a duration go from large to small, each at most once' };
    }
    smallest = unitMs;
    ms += Number(number) * unitMs;
  }
  if (ms > MAX_MS) return { kind: 'problem', problem: 'the duration is longer than 365 days' };
  return { kind: 'duration', ms: Math.round(ms) };
}

/** The exact duration in the notation that {@link parseDuration} reads: `1h30m`, `1s500ms`, `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.round(ms));
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, unitMs] of Object.entries(UNIT_MS)) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}

/** The duration for a table, in its two largest units at most: `12s`, `3m`, `2h05m`, `4d`. */
export function approximateDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${String(minutes % 60).padStart(2, '0')}m`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 || days >= 7 ? `${days}d` : `${days}d${hours % 24}h`;
}
