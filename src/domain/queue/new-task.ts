import { authorProblem, hasHidden, newTaskIdProblem, projectProblem, prUrlProblem, quote } from '../base/names.ts';
import { closest } from '../base/suggest.ts';
import { batchProblem, parseHold } from './batches.ts';
import { parseDependencyEntries } from './dependency-entry.ts';
import type { Scalar } from './task.ts';

/** Data that JSON and TOON can hold. */
export type DataValue = Scalar | readonly DataValue[] | { readonly [key: string]: DataValue };

/** A section of a task file. */
export type DataMap = Readonly<Record<string, DataValue>>;

/** The statuses that a new task can have; the folder says the rest. */
export const NEW_STATUSES = ['ready', 'blocked', 'pending'] as const;

export type NewStatus = (typeof NEW_STATUSES)[number];

/** A task to be added to the queue. Plain data; {@link newTaskProblem} says whether it is valid. */
export interface NewTask {
  /** Its place in the input (`plan.toon:12`), for messages; absent if it was given by flags. */
  readonly place?: string;
  /** The place of its dependencies in the input. */
  readonly requiredPlace?: string;
  /** Absent: the next free id of the project. */
  readonly id?: string;
  /** A name by which other tasks of the same input may require it. */
  readonly ref?: string;
  readonly project?: string;
  readonly title: string;
  readonly type?: string;
  readonly priority?: number;
  /** Absent: as the dependencies say. */
  readonly status?: NewStatus;
  readonly summary?: string;
  readonly details?: string;
  readonly criteria: readonly string[];
  /** Entries as written, `TASK-001 (remark)`; each names a task of the queue, or of the same input by id or ref. */
  readonly required: readonly string[];
  readonly blocks: readonly string[];
  readonly labels: Readonly<Record<string, Scalar>>;
  readonly batch?: string;
  readonly holdUntil?: string;
  /** It was done before it came here: it goes to the completed folder at once. Absent: it is still to be done. */
  readonly completion?: NewCompletion;
  /** It was cancelled before it came here: nobody is to do it. */
  readonly cancellation?: NewCancellation;
  /** What agentq does not use, by section, to be written as it is: `{ context: {...}, task: { estimate: 3 } }`. */
  readonly rest: DataMap;
}

/** How a task was completed that is moved here from elsewhere. */
export interface NewCompletion {
  /** ISO 8601 UTC in whole seconds. */
  readonly at: string;
  /** An agent or a person; absent: that is not known. */
  readonly by?: string;
  readonly prUrl?: string;
}

/** How a task was cancelled that is moved here from another queue. */
export interface NewCancellation {
  /** ISO 8601 UTC in whole seconds. */
  readonly at: string;
  /** An agent or a person; absent: that is not known. */
  readonly by?: string;
  /** One line. */
  readonly reason?: string;
}

/** A rule that a new task breaks. */
export interface NewTaskProblem {
  /** As the input calls it: `title`, `requires`. */
  readonly field: string;
  /** Completes "title ...": what is wrong, in one line. */
  readonly problem: string;
}

/** Most tasks in one commit. */
export const MAX_NEW_TASKS = 10_000;

/** Longest title, type or dependency (characters): one line that a table shows. */
const LONGEST_LINE = 500;
/** Longest text of several lines (characters); the whole file has its own limit. */
const LONGEST_TEXT = 500_000;
/** Deepest nesting of what agentq does not use. */
const DEEPEST = 16;

/** Longest ref (characters): one line of a task file. */
const LONGEST_REF = 200;
const FOREIGN_REF = /^[A-Za-z0-9][\w.-]*(?:[#:/][\w.-]+)+$/;

const CONTROLS_IN_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Surrogate}/u;

/** What `needs` of the task's section says: dependencies and capabilities are not told apart here. */
export function needsIn({ rest }: NewTask): readonly string[] {
  const { task } = rest;
  return typeof task === 'object' && task !== null && 'needs' in task ? listAt(task.needs) : [];
}

/** The items of a list, or the one item, as texts. */
export function listAt(value: DataValue | undefined): readonly string[] {
  const items: readonly (DataValue | undefined)[] = Array.isArray(value) ? value : [value];
  return items.flatMap((item) =>
    item === undefined || item === null || typeof item === 'object' ? [] : [String(item)],
  );
}

/** @returns the first rule that the task breaks, or undefined if it can be written. */
export function newTaskProblem(task: NewTask): NewTaskProblem | undefined {
  return (
    named('id', task.id, idProblem) ??
    named('ref', task.ref, refProblem) ??
    named('project', task.project, projectProblem) ??
    (task.title.trim() === '' ? { field: 'title', problem: 'is missing' } : undefined) ??
    line('title', task.title) ??
    line('type', task.type) ??
    text('summary', task.summary) ??
    text('details', task.details) ??
    (task.priority === undefined || Number.isFinite(task.priority)
      ? undefined
      : { field: 'priority', problem: 'is not a number' }) ??
    first(task.criteria, (criterion) => text('acceptance_criteria', criterion)) ??
    first(task.required, (entry) => line('requires', entry)) ??
    first(task.blocks, (entry) => line('blocks', entry)) ??
    first(needsIn(task), (entry) => line('needs', entry)) ??
    first(Object.entries(task.labels), ([key, value]) => line('labels', key) ?? line('labels', String(value))) ??
    named('batch', task.batch, batchProblem) ??
    named('hold_until', task.holdUntil, holdProblem) ??
    named('completion', task.completion, endProblem) ??
    named('cancellation', task.cancellation, endProblem) ??
    line('cancellation', task.cancellation?.reason) ??
    restProblem(task.rest)
  );
}

/** The part of an edit that the rules for new tasks are about: `edit` and `add` accept the same. */
interface EditedFields extends Partial<Pick<NewTask, 'title' | 'type' | 'priority' | 'batch' | 'details' | 'labels'>> {
  readonly requires?: EditedList;
  readonly criteria?: EditedList;
}

interface EditedList {
  readonly set?: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** @returns the first rule that an edit breaks, or undefined if it can be written. */
export function editsProblem({ title = 'x', requires = {}, criteria = {}, labels = {}, ...more }: EditedFields) {
  const listed = ({ set = [], add = [], remove = [] }: EditedList): readonly string[] => [...set, ...add, ...remove];
  const task = { ...more, title, labels, required: listed(requires), criteria: listed(criteria) };
  return newTaskProblem({ ...task, blocks: [], rest: {} });
}

/** @returns the word as a status of a new task, or what is wrong with it. */
export function parseNewStatus(
  word: string,
): { readonly kind: 'status'; readonly status: NewStatus } | { readonly kind: 'problem'; readonly problem: string } {
  const status = NEW_STATUSES.find((candidate) => candidate === word.trim().toLowerCase());
  if (status !== undefined) return { kind: 'status', status };
  const meant = closest(word, NEW_STATUSES);
  const hint = meant === undefined ? '' : `, did you mean ${meant}?`;
  return { kind: 'problem', problem: `must be ready, blocked or pending for a new task, not ${quote(word)}${hint}` };
}

/** An id must be usable as a file name, and an entry of `required` must be able to name it. */
function idProblem(value: string): string | undefined {
  const problem = newTaskIdProblem(value);
  if (problem !== undefined) return problem;
  const [entry, second] = parseDependencyEntries(value, 1, '');
  if (entry?.id === value && second === undefined && !value.toLowerCase().endsWith('.toon')) return undefined;
  return `task id ${quote(value)} could not be named as a dependency: end it with a letter or digit`;
}

/**
 * A ref that is not an id names a task of another tracker, `github#12`. Only the whole text of an entry of `required`
 * can name it: nobody writes a remark after it by hand.
 */
function refProblem(value: string): string | undefined {
  if (!/[#:/]/.test(value)) return idProblem(value);
  const isFine = value.length <= LONGEST_REF && FOREIGN_REF.test(value) && !value.includes('..');
  return isFine ? undefined : `ref ${quote(value)} is not valid: names of letters, digits and . _ - with # : / between`;
}

function endProblem({ at, by, prUrl }: NewCompletion): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at) || Number.isNaN(Date.parse(at))) {
    return `${quote(at)} is not a time in whole seconds of UTC`;
  }
  return (by === undefined ? undefined : authorProblem(by)) ?? (prUrl === undefined ? undefined : prUrlProblem(prUrl));
}

function holdProblem(value: string): string | undefined {
  const parsed = parseHold(value);
  return parsed.kind === 'hold' ? undefined : parsed.problem;
}

function named<T>(
  field: string,
  value: T | undefined,
  problem: (value: T) => string | undefined,
): NewTaskProblem | undefined {
  const wrong = value === undefined ? undefined : problem(value);
  return wrong === undefined ? undefined : { field, problem: `is not usable: ${wrong}` };
}

function line(field: string, value: string | undefined): NewTaskProblem | undefined {
  if (value === undefined) return undefined;
  if (hasHidden(value) || /\p{Surrogate}/u.test(value)) {
    return { field, problem: `must be one line without control characters, not ${quote(value)}` };
  }
  return tooLong(field, value, LONGEST_LINE);
}

function text(field: string, value: string | undefined): NewTaskProblem | undefined {
  if (value === undefined) return undefined;
  if (CONTROLS_IN_TEXT.test(value)) {
    const at = value.search(CONTROLS_IN_TEXT);
    return { field, problem: `holds a control character: ${quote(value.slice(Math.max(0, at - 20), at + 20))}` };
  }
  return tooLong(field, value, LONGEST_TEXT);
}

function tooLong(field: string, value: string, limit: number): NewTaskProblem | undefined {
  if (value.length <= limit) return undefined;
  return { field, problem: `is ${value.length} characters long, the limit is ${limit}` };
}

function first<T>(values: readonly T[], problem: (value: T) => NewTaskProblem | undefined): NewTaskProblem | undefined {
  for (const value of values) {
    const found = problem(value);
    if (found) return found;
  }
  return undefined;
}

function restProblem(rest: DataMap): NewTaskProblem | undefined {
  for (const [section, value] of Object.entries(rest)) {
    if (section === 'claim' || section === 'completion') {
      return { field: section, problem: 'has no place in a new task: nobody has worked on it yet' };
    }
    const keys = section === 'task' ? [section, ...keysOf(value)] : [section];
    for (const key of keys) {
      if (!/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/.test(key)) {
        return { field: quote(key), problem: 'is not the name of a section: letters, digits and _ -' };
      }
      if (key === 'claim' || key === 'completion') {
        return { field: `task.${key}`, problem: 'has no place in a new task: nobody has worked on it yet' };
      }
    }
    const found = dataProblem(section, value, 0);
    if (found) return found;
  }
  return undefined;
}

function dataProblem(field: string, value: DataValue, depth: number): NewTaskProblem | undefined {
  if (typeof value === 'string') return text(field, value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= DEEPEST) return { field, problem: `is nested more than ${DEEPEST} levels deep` };
  for (const [key, inner] of Object.entries(value)) {
    const found = line(field, key) ?? dataProblem(field, inner, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function keysOf(value: DataValue | undefined): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
