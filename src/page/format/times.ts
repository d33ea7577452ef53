import { approximateDuration } from '../../domain/base/duration.ts';

/** How long ago a time was: `2m ago`, or `now` for less than 5 seconds and for clocks that differ. */
export function ago(time: string, now: number): string {
  const ms = now - Date.parse(time);
  return ms < 5_000 ? 'now' : `${approximateDuration(ms)} ago`;
}

/** How long it has been: `2m`. */
export function age(time: string, now: number): string {
  return approximateDuration(now - Date.parse(time));
}

/** The time where the reader is, for a tooltip. */
export function exactTime(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** The same in short, for a place where a day and a minute are enough. */
export function shortTime(time: string): string {
  return new Date(time).toLocaleString(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
}
