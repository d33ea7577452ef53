import { asciiFirst } from '../base/ascii-first.ts';
import { type DependencyEntry, TASK_FILE_NAME, type TaskKey } from './task.ts';

/** What people write for "no dependencies": it is not an id and needs no warning. */
const NOTHING: ReadonlySet<string> = new Set([
  '',
  '-',
  'none',
  'n/a',
  'na',
  'nil',
  'null',
  'nothing',
  '[]',
  '[',
  ']',
  '~',
]);
/** They begin like an id (`e.g.`), but never are one. */
const PROSE: ReadonlySet<string> = new Set(['e.g', 'i.e', 'etc']);
const NAME_PREFIX = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?/;
const PROJECT_PREFIX = asciiFirst(/^([\p{L}\p{N}][\p{L}\p{N}._-]*)\/(?=[A-Za-z0-9])/u);
/** `id: TASK-001` of items that are maps. */
const MARKS = /^["'`*]+/;
const INSIDE_MARKS = /^[^"'`*]*/;
const MOST_MARKS = 8;
const LABELLED = /^(?:id|task|task_id)\s*:\s*(\S.*)$/im;

/**
 * Parses one entry of `dependencies.required` or `.blocks`. The first word is the id if it looks like one; an entry
 * without an id never blocks. `TASK-001, TASK-002` gives two entries; anything else gives one, with its text as
 * written.
 *
 * An id loses the prefix of its own project. The prefix of another project stays: `requiredKey` tells which task that
 * is. A prefix that is not a project leaves an id that no task has, since a dependency that can never be complete must
 * not count as none.
 */
export function parseDependencyEntries(text: string, line: number, project: string): DependencyEntry[] {
  const list = splitOutsideParentheses(text).filter((part) => part !== '');
  if (list.length > 1) {
    const ids = list.map((part) => listedId(part, project));
    // In `TASK-001, soon` the second part is a remark; in `auth, billing` it is not.
    const remark = isUnmistakable(ids[0]) && !ids.every(isUnmistakable);
    if (!remark && ids.every((id) => id !== undefined)) {
      return ids.map((id, index) => ({ id, text: list[index] ?? text, line }));
    }
  }
  return [{ id: idOf(text, project), text, line }];
}

/** The ids of a list on one line, without the parts that are remarks: `cuda12, docker (any version), since 2024`. */
export function listedIds(text: string, project: string): readonly string[] {
  return splitOutsideParentheses(text).flatMap((part) => (part === '' ? [] : (listedId(part, project) ?? [])));
}

/** Whether the entry says explicitly that there is nothing to wait for. */
export function saysNothing(text: string): boolean {
  return NOTHING.has(text.trim().replace(/\.$/, '').toLowerCase());
}

/**
 * The task that the id of a dependency names, in a task of this project: `TASK-7` is in the same project,
 * `billing/TASK-7` in the project `billing`. Such an id is what `parseDependencyEntries` gives.
 */
export function requiredKey(id: string, project: string): TaskKey {
  const slash = id.indexOf('/');
  return slash < 0 ? { project, id } : { project: id.slice(0, slash), id: id.slice(slash + 1) };
}

/** The tasks that the entries name, in a task of this project. An entry without an id names none. */
export function requiredKeys(entries: readonly Pick<DependencyEntry, 'id'>[], project: string): readonly TaskKey[] {
  return entries.flatMap(({ id }) => (id === undefined ? [] : [requiredKey(id, project)]));
}

/** The id by which a task of this project requires that one: the opposite of {@link requiredKey}. */
export function requiredId(key: TaskKey, project: string): string {
  return key.project === project ? key.id : `${key.project}/${key.id}`;
}

/** Whether both name the same task. */
export function isSameKey(one: TaskKey, other: TaskKey): boolean {
  return one.id === other.id && one.project === other.project;
}

function idOf(text: string, project: string): string | undefined {
  if (saysNothing(text)) return undefined;
  const entry = withoutDecoration(LABELLED.exec(text)?.[1] ?? text);
  if (entry === '' || saysNothing(entry)) return undefined;
  const word = /^\S+/.exec(entry)?.[0] ?? '';
  const single = entry === word;
  const name = nameAtStart(entry, project);
  if (name === undefined) return single && !/^[-#(]/.test(entry) ? entry : undefined;
  const rest = entry.slice(name.length);
  if (PROSE.has(name.id)) return undefined;
  // The word continues with something that no id holds: `80%`, `naïve`, `http://`.
  if (/^[^\s,;:([{.!—–>-]/.test(rest) || rest.startsWith('://')) return single ? entry : undefined;
  if (rest === '' || /^[,;:.!]$/.test(rest)) return name.id;
  return /^\s*\(/.test(rest) || isUnmistakable(name.id) ? name.id : undefined;
}

/** Whether it cannot be a word of prose: it has a digit or one of `-_.`. */
function isUnmistakable(id: string | undefined): boolean {
  return id !== undefined && /[\d\-_.]/.test(id);
}

/** The id of a part of a comma-separated list: a single word, perhaps with a remark in parentheses. */
function listedId(part: string, project: string): string | undefined {
  const entry = withoutDecoration(part);
  return /^\S+(?:\s*\([^()]*\))?$/.test(entry) && !saysNothing(entry) ? idOf(entry, project) : undefined;
}

function nameAtStart(entry: string, project: string): { id: string; length: number } | undefined {
  const prefix = PROJECT_PREFIX.exec(entry);
  const skipped = prefix?.[0].length ?? 0;
  const name = NAME_PREFIX.exec(entry.slice(skipped))?.[0];
  if (name === undefined) return undefined;
  const id = TASK_FILE_NAME.exec(name)?.[1] ?? name;
  const foreign = prefix !== null && prefix[1] !== project;
  return { id: foreign ? `${prefix[1]}/${id}` : id, length: skipped + name.length };
}

/** Quotes, emphasis, parentheses, list numbers and check boxes around an entry. */
function withoutDecoration(text: string): string {
  const entry = withoutQuotes(text.trim().replace(/^(?:-\s+|\*\s+|\d+[.)]\s+|\[[ xX]?\]\s*)+(?=\S)/, ''));
  const [whole = '', name = ''] = /^\(([A-Za-z0-9][\w.-]*)\)/.exec(entry) ?? [];
  return /\d/.test(name.slice(1)) ? `${name}${entry.slice(whole.length)}` : entry;
}

/** `"TASK-1" (remark)` and `**TASK-1**` without their marks, if the same marks are before and after the name. */
function withoutQuotes(entry: string): string {
  const [marks = ''] = MARKS.exec(entry) ?? [];
  // A longer run of marks is a line across the page.
  if (marks === '' || marks.length > MOST_MARKS) return entry;
  for (let length = marks.length; length > 0; length--) {
    const mark = entry.slice(0, length);
    const [inner = ''] = INSIDE_MARKS.exec(entry.slice(length)) ?? [];
    const after = length + inner.length;
    if (entry.startsWith(mark, after)) return `${inner}${entry.slice(after + length)}`.trim();
  }
  return entry;
}

/** The parts between commas and semicolons, trimmed; those within parentheses belong to a remark. */
export function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if ((char === ',' || char === ';') && depth <= 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
