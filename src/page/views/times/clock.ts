/** Times as a reader sees them: in the time zone of the browser, on a clock of 24 hours. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `14:05` */
export function clockOf(ms: number): string {
  const date = new Date(ms);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** `Tue 1 Dec`; with the year if it is not that of `now`. */
export function dayOf(ms: number, now: number): string {
  const date = new Date(ms);
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${DAYS[date.getDay()] ?? ''} ${date.getDate()} ${MONTHS[date.getMonth()] ?? ''}${year}`;
}

/** `14:05` of today, else `Tue 1 Dec, 14:05`. */
export function momentOf(ms: number, now: number): string {
  return startOfDay(ms) === startOfDay(now) ? clockOf(ms) : `${dayOf(ms, now)}, ${clockOf(ms)}`;
}

/** `Today`, `Yesterday`, or the day. */
export function dayName(ms: number, now: number): string {
  const day = startOfDay(ms);
  if (day === startOfDay(now)) return 'Today';
  // Days have 23 to 25 hours.
  return day === startOfDay(startOfDay(now) - 3_600_000) ? 'Yesterday' : dayOf(ms, now);
}

/** Midnight, in ms. */
export function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
