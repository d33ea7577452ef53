import type { TaskCondition } from '../../domain/queue/task.ts';

/** The state of a task as the page words it. */
export const STATE_WORDS: Readonly<Record<TaskCondition, string>> = {
  ready: 'Ready',
  waiting: 'Waiting',
  asking: 'Asking',
  claimed: 'Claimed',
  review: 'In review',
  completed: 'Completed',
  blocked: 'Blocked',
  cancelled: 'Cancelled',
};

/** `1 task`, `2 tasks`, `10,000 tasks`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** One or two letters for a name: `C1` of `claude-1`, `AB` of `anna.berg`, `GE` of `gemini`. */
export function initials(name: string): string {
  const [first = '?', ...others] = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const last = others.at(-1);
  const letters =
    last === undefined ? [...first].slice(0, 2) : [[...first][0], ...[...last].slice(0, isNumber(last) ? 2 : 1)];
  return letters.join('').toUpperCase();
}

/** An angle on the colour circle, the same for the same name on every machine. */
export function hueOf(name: string): number {
  let hash = 2_166_136_261;
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  // What differs in one letter at the end is to be far apart.
  return (((hash ^ (hash >>> 15)) >>> 0) * 137) % 360;
}

/** `#231` of the URL of a pull or merge request, else `PR`. */
export function prName(url: string): string {
  const number = /\/(?:pull|merge_requests|pulls|pull-requests)\/(\d+)\b/.exec(url)?.[1];
  return number === undefined ? 'PR' : `#${number}`;
}

/** The URL if a link may lead there; null if a click on it could do anything but open a page. */
export function safeUrl(url: string | null): string | null {
  return url !== null && /^https?:\/\//i.test(url) ? url : null;
}

/** `12.4` of a rate, `3` of a whole one. */
export function rate(perHour: number): string {
  return perHour >= 100 || Number.isInteger(perHour) ? perHour.toFixed(0) : perHour.toFixed(1);
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
