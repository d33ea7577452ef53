import type { SeriesFigures } from '../../../domain/dashboard/board.ts';

/** When the work ends at the rate of the window. Times are ms since the epoch. */
export type Forecast =
  /** Nothing is open. */
  | { readonly kind: 'done' }
  /** Nothing was completed in the window. */
  | { readonly kind: 'never' }
  | { readonly kind: 'end'; readonly from: Point; readonly to: Point };

/** A number of completed tasks at a time. */
interface Point {
  readonly at: number;
  readonly tasks: number;
}

/** Later ends are not dates that anybody can use, and some are beyond what a date can hold. */
const LONGEST = 10 * 365 * 86_400_000;

/** The end that the totals tell, so that the chart shows the date that the other views and `agentq metrics` have. */
export function forecastOf({ scope, done, totals }: SeriesFigures, now: number): Forecast {
  const [wanted = 0, completed = 0] = [scope.at(-1), done.at(-1)];
  if (completed >= wanted) return { kind: 'done' };
  const { leftMs } = totals;
  if (leftMs === null || leftMs <= 0 || leftMs > LONGEST) return { kind: 'never' };
  return { kind: 'end', from: { at: now, tasks: completed }, to: { at: now + leftMs, tasks: wanted } };
}

/** A time (ms) that is left, without the smaller unit where that says nothing: nobody knows the minute of a day in a month. */
export function roughly(ms: number): number {
  const unit = ms > 2 * 86_400_000 ? 86_400_000 : ms > 36_000_000 ? 3_600_000 : 60_000;
  return Math.round(ms / unit) * unit;
}

/**
 * The part of the line that is in the picture: the future gets as much room as the past, or the past is a stripe.
 * @returns where the line ends, and whether that is the end of the work
 */
export function shownEnd(
  { from, to }: { readonly from: Point; readonly to: Point },
  windowMs: number,
): { readonly at: number; readonly tasks: number; readonly isEnd: boolean } {
  const latest = from.at + windowMs;
  if (to.at <= latest) return { ...to, isEnd: true };
  const share = windowMs / (to.at - from.at);
  return { at: latest, tasks: from.tasks + (to.tasks - from.tasks) * share, isEnd: false };
}
