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

/** The time where the reader is, for a tooltip: by a clock of 24 hours, as in all views, whatever the language has. */
export function exactTime(time: string): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
}

/** The same in short, for a place where a day and a minute are enough. */
export function shortTime(time: string): string {
  return new Date(time).toLocaleString(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

/**
 * When something ends: the time of the clock if that is within a day, else the day.
 * @param at ms since the epoch
 */
export function endTime(at: number, leftMs: number): string {
  const options: Intl.DateTimeFormatOptions =
    leftMs < 72_000_000 ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : { day: 'numeric', month: 'short' };
  return new Date(at).toLocaleString(undefined, options);
}
