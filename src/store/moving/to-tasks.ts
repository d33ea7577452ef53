import { isoSeconds } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { authorFrom, newTaskIdProblem, quote } from '../../domain/base/names.ts';
import { toNoteText } from '../../domain/base/note-text.ts';
import type { ForeignTask, Remark, TrackerRules } from '../../domain/moving/foreign-task.ts';
import { relationsOf } from '../../domain/moving/relations.ts';
import { sections, toText, toTime, toTitle } from '../../domain/moving/words.ts';
import { requiredId } from '../../domain/queue/dependency-entry.ts';
import {
  type DataMap,
  MAX_NEW_TASKS,
  type NewCompletion,
  type NewTask,
  newTaskProblem,
} from '../../domain/queue/new-task.ts';
import { inTwo } from '../input/flat-task.ts';
import { readBackProblem } from '../input/read-back.ts';

/** What is moved, and how. */
export interface MoveOptions {
  readonly rules: TrackerRules;
  /** Whether tasks that are done are moved as completed ones. */
  readonly done: 'move' | 'leave';
  /** Whether names there become ids here, if they can. */
  readonly ids: 'keep' | 'new';
  /** States of the tasks that an earlier import made, by ref. */
  readonly known: ReadonlyMap<string, 'ready' | 'claimed' | 'completed'>;
  /** Who writes the notes. */
  readonly agent: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The tasks that the input becomes, what of it does not become one, and what changes on the way. */
export interface MovePlan {
  readonly tasks: readonly NewTask[];
  readonly left: readonly Remark[];
  readonly remarks: readonly Remark[];
}

/** What to do about an input that is too large for one commit. */
export const TOO_MUCH = 'leave out what is done, or split the input: what was imported before is not imported twice';

/**
 * Decides what becomes of the tasks of another tracker: open ones become tasks, those that are done become completed
 * ones or are left out, and those that were dropped are left out.
 * @throws Failure `task-invalid` that names file and line
 */
export function toTasks(all: readonly ForeignTask[], options: MoveOptions): MovePlan {
  const { rules } = options;
  const unique = withoutCopies(all, rules);
  const moved = new Set(unique.tasks.filter((task) => whyLeft(task, options) === undefined));
  const left = [
    ...unique.copies,
    ...unique.tasks.flatMap((task): Remark[] => {
      const reason = whyLeft(task, options);
      return reason === undefined ? [] : [{ place: task.place, name: task.name, reason }];
    }),
  ];
  if (moved.size > MAX_NEW_TASKS) {
    const message = `the input has ${moved.size} tasks to move, and one commit takes ${MAX_NEW_TASKS}`;
    throw new Failure('task-invalid', message, { hint: TOO_MUCH });
  }
  const { requires, remarks } = relationsOf(unique.tasks, moved, rules);
  const isMoved = new Set([...moved].map(({ name }) => name));
  const changes = [...unique.renamed.filter(({ name }) => isMoved.has(name)), ...remarks];
  const tasks = [...moved].map((task) => {
    const required = (requires.get(task) ?? []).map((other) => requiredBy(task, other, options));
    return toTask(task, required, options, (reason) => changes.push({ place: task.place, name: task.name, reason }));
  });
  return { tasks, left, remarks: changes };
}

/** The name by which a later import finds the task again: `github#12`. */
export function refOf({ tracker }: TrackerRules, { name }: ForeignTask): string {
  return `${tracker}#${name.replace(/[^\w.:/-]+/g, '-').replace(/\.{2,}/g, '.')}`;
}

/** The entry by which a task requires another one of the input. */
function requiredBy(task: ForeignTask, other: ForeignTask, { rules, ids }: MoveOptions): string {
  if (other.own === undefined || ids === 'new') return refOf(rules, other);
  const { project, id } = other.own;
  return task.own?.required.get(other.name) ?? requiredId({ project, id }, task.own?.project ?? project);
}

/** Two lines for one task are one if they say the same: a merge of two branches leaves such. */
function withoutCopies(
  all: readonly ForeignTask[],
  rules: TrackerRules,
): { readonly tasks: readonly ForeignTask[]; readonly copies: readonly Remark[]; readonly renamed: readonly Remark[] } {
  const tasks = new Map<string, ForeignTask>();
  const copies: Remark[] = [];
  const renamed: Remark[] = [];
  for (const task of all) {
    const { place, name } = task;
    const before = tasks.get(refOf(rules, task));
    if (before === undefined) {
      tasks.set(refOf(rules, task), task);
    } else if (JSON.stringify({ ...task, place: '' }) === JSON.stringify({ ...before, place: '' })) {
      copies.push({ place, name, reason: `it is the same as ${before.place}` });
    } else {
      const problem = `${quote(name)} is there twice, first at ${before.place}, and they differ`;
      if (rules.twice === 'refuse') throw invalid(task, problem);
      let number = 2;
      while (tasks.has(refOf(rules, { ...task, name: `${name}-${number}` }))) number++;
      const other = { ...task, name: `${name}-${number}` };
      tasks.set(refOf(rules, other), other);
      renamed.push({ place, name: other.name, reason: problem });
    }
  }
  return { tasks: [...tasks.values()], copies, renamed };
}

function whyLeft(task: ForeignTask, { rules, done, known }: MoveOptions): string | undefined {
  // An export has all of a queue, and all of it is moved.
  if (task.own !== undefined) return undefined;
  if (task.state === 'dropped') {
    const isHere = known.get(refOf(rules, task)) === 'ready' ? ', and is still open here: `agentq cancel`' : '';
    return `it will not be done (${task.word} in ${rules.tracker})${isHere}`;
  }
  if (task.state !== 'done' || done === 'move') return undefined;
  // It was moved while it was open, and nobody should work on it any more.
  return known.has(refOf(rules, task)) ? undefined : `it is done (${task.word} in ${rules.tracker})`;
}

function toTask(
  task: ForeignTask,
  required: readonly string[],
  options: MoveOptions,
  remark: (reason: string) => void,
): NewTask {
  const { rules, known, ids } = options;
  const ref = refOf(rules, task);
  const { title, isCut } = toTitle(task.title);
  const text = isCut ? sections(toText(task.title), [['Description', task.text]]) : task.text;
  if (isCut) remark('its title is cut; the description has all of it');
  const isNew = !known.has(ref);
  const { metadata, ...rest } = task.rest ?? {};
  const parked = task.state === 'parked' && isNew ? `${task.word} in ${rules.tracker}` : undefined;
  const completion = task.state === 'done' ? completionOf(task, options) : undefined;
  const notes = task.state === 'started' ? startedNote(task, options) : undefined;
  const keeps = ids === 'keep';
  const fields: NewTask = {
    place: task.place,
    // In a queue of agentq a task is known by its id; where that changes, by its name there.
    ...given({ ref: task.own === undefined ? ref : keeps ? task.own.ref : (task.own.ref ?? ref) }),
    ...given({ id: keeps && (isNew || task.own !== undefined) ? idOf(task, rules) : undefined }),
    ...given({ project: task.own?.project }),
    title,
    ...given({ type: task.type, priority: task.priority, batch: task.batch, completion }),
    ...given({
      status: parked === undefined ? (isNew ? task.own?.status : undefined) : ('blocked' as const),
      holdUntil: task.own?.holdUntil,
      cancellation: task.own?.cancellation,
    }),
    ...describedBy(task.summary, text, task.own !== undefined),
    criteria: task.criteria,
    required,
    blocks: task.own?.blocks ?? [],
    labels: task.labels,
    rest: {
      ...rest,
      ...(parked === undefined ? {} : { task: { blocked_reason: parked } }),
      ...(notes === undefined ? {} : { notes: { ...mapIn(rest.notes), ...notes } }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  };
  if (notes !== undefined)
    remark(`it was in progress${task.who === undefined ? '' : `, by ${task.who}`}: it is open here`);
  const wrong = newTaskProblem(fields);
  if (wrong !== undefined) throw invalid(task, `${wrong.field} ${wrong.problem}`);
  const unread = readBackProblem(fields);
  if (unread !== undefined) throw invalid(task, `${unread} would not be read back as it is given`);
  return fields;
}

function describedBy(
  summary: string | undefined,
  text: string | undefined,
  isOwn: boolean,
): Pick<NewTask, 'summary' | 'details'> {
  if (text === undefined) return given({ summary });
  if (summary !== undefined || isOwn) return { ...given({ summary }), details: text };
  return given({ ...inTwo(text) });
}

/** The id here, if the name there can be one; else the queue numbers the task. */
function idOf({ name, own }: ForeignTask, { names }: TrackerRules): string | undefined {
  if (own !== undefined) return own.id;
  const isId = names === 'are-ids' && newTaskIdProblem(name) === undefined && /[A-Za-z0-9_]$/.test(name);
  return isId && !name.toLowerCase().endsWith('.toon') ? name : undefined;
}

function mapIn(value: DataMap[string] | undefined): DataMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as DataMap) : {};
}

function completionOf({ who, since, prUrl }: ForeignTask, { now }: MoveOptions): NewCompletion {
  const by = who === undefined ? undefined : authorFrom(who);
  return { at: toTime(since) ?? isoSeconds(now), ...given({ by, prUrl }) };
}

function startedNote({ word, who, since }: ForeignTask, { rules, agent, now }: MoveOptions): DataMap {
  const by = who === undefined ? '' : `, and ${who} was at work on it`;
  return { [`${toTime(since) ?? isoSeconds(now)} ${agent}`]: toNoteText(`${word} in ${rules.tracker}${by}`) };
}

function invalid({ place }: ForeignTask, problem: string): Failure {
  return new Failure('task-invalid', `${place}: ${problem}`);
}
