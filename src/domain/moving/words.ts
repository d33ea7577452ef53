import { isoSeconds } from '../base/clock.ts';
import { withLineFeeds } from '../base/line-feeds.ts';
import { withoutHidden } from '../base/names.ts';
import type { Scalar } from '../queue/task.ts';

/** Longest title (characters); the whole of a longer one goes into the description. */
const LONGEST_TITLE = 300;

/** Words for priorities, with the numbers that they become here: higher first, 0 if there is no word. */
const PRIORITY_WORDS: Readonly<Record<string, number>> = {
  critical: 10,
  urgent: 10,
  blocker: 10,
  highest: 10,
  high: 8,
  medium: 6,
  normal: 6,
  moderate: 6,
  low: 4,
  lowest: 2,
  trivial: 2,
  minor: 4,
};

/** `P0` (highest) to `P4` as they are here: 10 to 2. */
export function fromLevel(level: number): number {
  return 10 - 2 * Math.min(4, Math.max(0, Math.trunc(level)));
}

/** The level, 0 (highest) to 4, that a priority here comes closest to. */
export function toLevel(priority: number): number {
  return Math.min(4, Math.max(0, Math.ceil((10 - priority) / 2)));
}

/** The number of a word such as `high`, `P1` or `7`; undefined: it is not a priority. */
export function priorityOf(word: string): number | undefined {
  const text = word.trim().toLowerCase();
  const level = /^p([0-4])$/.exec(text)?.[1];
  if (level !== undefined) return fromLevel(Number(level));
  return Object.hasOwn(PRIORITY_WORDS, text) ? PRIORITY_WORDS[text] : undefined;
}

/** The priority that a label states: `P1`, `priority: high`, `priority/low`, `prio-2`, `critical`. */
export function priorityInLabel(label: string): number | undefined {
  const stated = /^(?:priority|prio)\s*[:/=_-]\s*(\S.*)$/i.exec(label.trim())?.[1];
  if (stated === undefined) return priorityOf(label);
  return /^[0-4]$/.test(stated) ? fromLevel(Number(stated)) : priorityOf(stated);
}

/**
 * Labels of one word each as labels with values: `area:cli` and `area/cli` become `area=cli`, `good first issue`
 * becomes `good-first-issue=true`. A second value of one key is a key of its own, since a label here has one value.
 */
export function labelsFrom(words: readonly string[]): Readonly<Record<string, Scalar>> {
  const labels = new Map<string, Scalar>();
  for (const word of words) {
    const text = toLine(word);
    const [, name, value] = /^([^:/=]+)[:/=]\s*(\S.*)$/.exec(text) ?? [];
    const key = name === undefined ? '' : toKey(name);
    if (value !== undefined && key !== '' && !labels.has(key)) labels.set(key, value.slice(0, LONGEST_TITLE));
    else if (toKey(text) !== '' && !labels.has(toKey(text))) labels.set(toKey(text), true);
  }
  return Object.fromEntries(labels);
}

/** The label as trackers write it whose labels are only words. */
export function labelWord(key: string, value: Scalar): string {
  return value === true || value === null ? key : `${key}:${value}`;
}

/** The text as one line without what a terminal would not show. */
export function toLine(text: string): string {
  return withoutHidden(text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '))
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** The text in its lines, without control characters but tabs; undefined: it is blank. */
export function toText(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const plain = withLineFeeds(text)
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
  const kept = plain.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
  return kept === '' ? undefined : kept;
}

/** The title in one line, cut where it is too long for one. */
export function toTitle(text: string): { readonly title: string; readonly isCut: boolean } {
  const line = toLine(text);
  if (line.length <= LONGEST_TITLE) return { title: line, isCut: false };
  return { title: `${line.slice(0, LONGEST_TITLE - 1).replace(/\p{Surrogate}$/u, '')}…`, isCut: true };
}

/** The time in whole seconds of UTC; undefined: it cannot be read. A day alone begins at midnight. */
export function toTime(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const [, day, time = '00:00', seconds = ':00', , zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?$/.exec(text.trim()) ?? [];
  const ms = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${seconds}${zone}`);
  return Number.isNaN(ms) ? undefined : isoSeconds(ms);
}

/** Sections of a description below one another, each with its heading; those without text are left out. */
export function sections(
  first: string | undefined,
  others: readonly (readonly [heading: string, text: string | undefined])[],
): string | undefined {
  const parts = others.flatMap(([heading, text]) => (text === undefined ? [] : [`## ${heading}\n\n${text}`]));
  const all = [...(first === undefined ? [] : [first]), ...parts];
  return all.length === 0 ? undefined : all.join('\n\n');
}

function toKey(text: string): string {
  return text
    .trim()
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-._]+/, '')
    .replace(/-$/, '')
    .slice(0, 100);
}

/** What somebody wrote below a task elsewhere. */
export interface ForeignComment {
  readonly author?: string | null | undefined;
  readonly text?: string | null | undefined;
  readonly created_at?: string | null | undefined;
}

/** The comments below one another, each with its author and time; undefined: none says anything. */
export function commentsIn(comments: readonly ForeignComment[] | null | undefined): string | undefined {
  const texts = (comments ?? []).flatMap(({ author, text, created_at }) => {
    const said = toText(text);
    const who = [toLine(author ?? ''), toTime(created_at)].filter((part) => part).join(', ');
    return said === undefined ? [] : [who === '' ? said : `${who}:\n${said}`];
  });
  return texts.length === 0 ? undefined : texts.join('\n\n');
}
