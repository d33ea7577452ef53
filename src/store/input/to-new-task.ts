import { given } from '../../domain/base/given.ts';
import { withLineFeeds, withLineFeedsInside } from '../../domain/base/line-feeds.ts';
import { quote } from '../../domain/base/names.ts';
import { closest } from '../../domain/base/suggest.ts';
import { parseDependencyEntries, saysNothing } from '../../domain/queue/dependency-entry.ts';
import {
  type DataMap,
  type DataValue,
  type NewTask,
  newTaskProblem,
  parseNewStatus,
} from '../../domain/queue/new-task.ts';
import type { Scalar } from '../../domain/queue/task.ts';
import { type TaskDocument, taskSchema } from '../codec/task-schema.ts';
import { describedBy, unfold, withoutEmpty } from './flat-task.ts';
import { gathered } from './gathered.ts';
import { isMap, planFailure, type RawTask } from './raw-plan.ts';
import { readBackProblem } from './read-back.ts';
import { inSections } from './sections.ts';

/** A task of the input that passed every check, and what its author should still know. */
export interface CheckedTask {
  readonly task: NewTask;
  readonly warnings: readonly string[];
}

/** Keys of the `task` section that agentq reads or, as `ref`, takes out. */
const TASK_KEYS = ['id', 'ref', 'project', 'title', 'type', 'priority', 'status', 'batch', 'hold_until', 'labels'];
/** Fields that are text, so that a number in the notation may have lost digits. */
const TEXT_KEYS = ['id', 'ref', 'project', 'title', 'type', 'batch', 'hold_until'];

/** Fields with several names: their lines are looked for by all of these. */
const NAMES = [
  ['requires', 'required', 'depends_on', 'dependsOn', 'blocked_by', 'blockedBy', 'needs', 'dependencies'],
  ['criteria', 'acceptance_criteria'],
] as const;

/**
 * Checks one task of the input: its form, by the schema that task files are read with, and the rules for new tasks.
 * @throws Failure `task-invalid` that names file, line and field
 */
export function toNewTask(raw: RawTask, name: string): CheckedTask {
  const fail = (field: string | undefined, problem: string) =>
    planFailure(name, lineOf(raw, field), `${raw.line() === undefined ? `task ${raw.index}: ` : ''}${problem}`);
  if (!isMap(raw.value)) throw fail(undefined, `a task must be a map with a title, not ${describe(raw.value)}`);
  const isNested = isMap(raw.value.task);
  const form = isNested ? ({ kind: 'document', document: raw.value } as const) : unfold(raw.value);
  if (form.kind === 'problem') throw fail(form.field, `${form.field} ${form.problem}`);
  const document = tidied(gathered(isNested ? inSections(form.document) : form.document));
  const shape = shapeProblem(document);
  if (shape) throw fail(shape.field, `${shape.field} ${shape.problem}`);
  const parsed = taskSchema.safeParse(document);
  if (!parsed.success) {
    const { field, problem } = issueOf(parsed.error.issues[0]?.path ?? []);
    throw fail(field, `${field} ${problem}`);
  }
  const word = document.task.status;
  const status = word === undefined ? undefined : parseNewStatus(String(word));
  if (status?.kind === 'problem') throw fail('status', `status ${status.problem}`);
  const line = raw.line();
  const place = line === undefined ? `${name}, task ${raw.index}` : `${name}:${line}`;
  const requiredLine = lineOf(raw, 'requires');
  const task: NewTask = {
    place,
    ...(requiredLine === undefined || requiredLine === line ? {} : { requiredPlace: `${name}:${requiredLine}` }),
    ...fieldsOf(parsed.data, document),
    ...given({ status: status?.status }),
  };
  const wrong = newTaskProblem(task);
  if (wrong) throw fail(wrong.field, `${wrong.field} ${wrong.problem}`);
  const unread = readBackProblem(task);
  if (unread !== undefined) throw fail(unread, `${unread} would not be read back as it is given`);
  const notes = notesOn(task, isNested ? document.task : {});
  if (!isNested && notes.withoutId !== undefined) {
    throw fail('requires', `requires ${quote(notes.withoutId)}, which names no task: begin with its id`);
  }
  return { task, warnings: notes.warnings.map((warning) => `${place}: ${warning}`) };
}

/** The line of the field, by any name that the input has for it, else that of the task. */
function lineOf(raw: RawTask, field: string | undefined): number | undefined {
  const line = raw.line();
  const name = field?.split('.').at(-1);
  const names = NAMES.find((known) => known.some((one) => one === name)) ?? (name === undefined ? [] : [name]);
  return names.map((one) => raw.line(one)).find((found) => found !== line) ?? line;
}

interface TaskInput {
  readonly task: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
}

/** The document without null and empty values where agentq reads them; unknown sections stay as they are. */
function tidied(document: Readonly<Record<string, unknown>>): TaskInput {
  const sections = Object.entries(document).flatMap(([key, value]): [string, unknown][] => {
    if (value === null || value === undefined || value === '') return [];
    if (key === 'description' && !isMap(value)) return [[key, describedBy(value, {})]];
    if (key === 'verify' && typeof value === 'string') return [[key, [value]]];
    const isRead = key === 'description' || key === 'dependencies' || key === 'metadata';
    return [[key, isRead && isMap(value) ? withoutEmpty(value) : value]];
  });
  return { ...Object.fromEntries(sections), task: isMap(document.task) ? withoutEmpty(document.task) : {} };
}

/** What the schema accepts because an existing file must stay readable. */
function shapeProblem({ task, metadata }: TaskInput): { field: string; problem: string } | undefined {
  for (const key of TEXT_KEYS) {
    const value = task[key];
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      return { field: key, problem: 'must be quoted: as a number it loses digits' };
    }
  }
  for (const [field, map] of Object.entries({ labels: task.labels, metadata })) {
    if (map === undefined) continue;
    if (!isMap(map)) return { field, problem: `must be a map of keys and values, not ${describe(map)}` };
    if (field === 'metadata') continue;
    for (const [key, value] of Object.entries(map)) {
      if (typeof value === 'object' && value !== null) {
        return { field, problem: `must have one value for ${quote(key)}, not ${describe(value)}` };
      }
    }
  }
  return undefined;
}

function issueOf(path: readonly PropertyKey[]): { field: string; problem: string } {
  const names = path.filter((part): part is string => typeof part === 'string');
  const last = names.at(-1) ?? 'task';
  const field = last === 'required' ? 'requires' : last;
  const index = path.find((part): part is number => typeof part === 'number');
  if (index !== undefined) {
    return {
      field,
      problem: `must be a list of texts, and entry ${index + 1} is not a text: quote it if it holds a colon`,
    };
  }
  switch (field) {
    case 'priority':
      return { field, problem: 'must be a number, higher first' };
    case 'requires':
    case 'blocks':
    case 'acceptance_criteria':
      return { field, problem: 'must be a list of texts' };
    case 'task':
    case 'description':
    case 'dependencies':
      return { field, problem: 'must be a section with keys' };
    default:
      return { field, problem: 'must be text' };
  }
}

function fieldsOf(parsed: TaskDocument, document: TaskInput): Omit<NewTask, 'place' | 'status'> {
  const { task, description, dependencies } = parsed;
  const ref =
    typeof document.task.ref === 'string' || typeof document.task.ref === 'number'
      ? String(document.task.ref)
      : undefined;
  const summary = textOf(description?.summary);
  const details = textOf(description?.details);
  return {
    ...given({ id: task.id?.trim(), ref: ref?.trim(), project: task.project?.trim() }),
    title: task.title?.trim() ?? '',
    ...given({ type: task.type?.trim(), priority: task.priority, summary, details }),
    criteria: parsed.acceptance_criteria.flatMap((text) => textOf(text) ?? []),
    required: dependencies.required.map((text) => text.trim()).filter((text) => !saysNothing(text)),
    blocks: dependencies.blocks.map((text) => text.trim()).filter((text) => !saysNothing(text)),
    labels: labelsOf(document.task.labels),
    ...given({ batch: task.batch?.trim(), holdUntil: task.hold_until?.trim() }),
    rest: restOf(document),
  };
}

function labelsOf(labels: unknown): Record<string, Scalar> {
  if (!isMap(labels)) return {};
  const entries = Object.entries(labels).flatMap(([key, value]): [string, Scalar][] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
      ? [[key, value]]
      : [],
  );
  return Object.fromEntries(entries);
}

/** Everything that no field of {@link NewTask} holds. */
function restOf({ task, description, dependencies, acceptance_criteria: _, ...sections }: TaskInput): DataMap {
  return withLineFeedsInside(
    withoutEmpty({
      ...sections,
      task: unlessEmpty(without(task, TASK_KEYS)),
      description: isMap(description) ? unlessEmpty(without(description, ['summary', 'details'])) : undefined,
      dependencies: isMap(dependencies) ? unlessEmpty(without(dependencies, ['required', 'blocks'])) : undefined,
    }),
  ) as Readonly<Record<string, DataValue>>;
}

function without(map: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

function unlessEmpty(map: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

function notesOn(
  task: NewTask,
  section: Readonly<Record<string, unknown>>,
): { readonly warnings: readonly string[]; readonly withoutId: string | undefined } {
  const unnamed = task.required
    .flatMap((text) => parseDependencyEntries(text, 1, task.project ?? ''))
    .filter(({ id, text }) => id === undefined && !saysNothing(text));
  const warnings = unnamed.map(({ text }) => `requires ${quote(text)}, which names no task and so holds nothing back`);
  for (const key of Object.keys(section)) {
    const meant = TASK_KEYS.includes(key) ? undefined : closest(key, TASK_KEYS);
    if (meant !== undefined)
      warnings.push(`${quote(key)} is kept, but means nothing to agentq: did you mean ${meant}?`);
  }
  return { warnings, withoutId: unnamed[0]?.text };
}

/** The text with its line breaks as LF; undefined if it is blank. */
function textOf(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : withLineFeeds(text);
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : quote(String(value));
}
