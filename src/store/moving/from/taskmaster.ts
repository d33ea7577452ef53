import * as z from 'zod/mini';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { criteriaIn } from '../../../domain/moving/criteria.ts';
import type { ForeignState, ForeignTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import { priorityOf, sections, toLine, toText } from '../../../domain/moving/words.ts';
import type { SourceText } from '../checked.ts';
import { type JsonDocument, readJson } from '../json.ts';

export const taskmasterRules: TrackerRules = {
  tracker: 'taskmaster',
  names: 'are-refs',
  parts: 'wait-with-the-whole',
  // Files in the wild have subtasks of one task with one number.
  twice: 'rename',
  canonical: (name) => name,
};

/** Where task-master keeps its tasks, relative to the named folder. */
export const TASKMASTER_FILES: readonly string[] = ['.taskmaster/tasks/tasks.json', 'tasks/tasks.json', 'tasks.json'];

const id = z.union([z.number(), z.string()]);
const text = z.optional(z.nullable(z.union([z.string(), z.array(z.string())])));
const subtask = z.looseObject({
  id,
  title: z.string(),
  description: text,
  details: text,
  testStrategy: text,
  acceptanceCriteria: text,
  status: z.optional(z.nullable(z.string())),
  priority: z.optional(z.nullable(z.string())),
  dependencies: z.optional(z.nullable(z.array(id))),
  updatedAt: z.optional(z.nullable(z.string())),
  assignee: z.optional(z.nullable(z.string())),
});
const task = z.extend(subtask, { subtasks: z.optional(z.nullable(z.array(subtask))) });
const list = z.looseObject({ tasks: z.array(task) });
const document = z.record(z.string(), z.unknown());

type Item = z.output<typeof subtask>;
type Whole = z.output<typeof task>;

/** The tag that task-master starts with. */
const FIRST_TAG = 'master';

/**
 * Reads `tasks.json` of task-master, with tags or from before there were any. Each subtask becomes a task, `12.1`, that
 * the whole requires. Tasks of a tag are in a batch of its name, except the first one.
 */
export function readTaskmaster(source: SourceText): readonly ForeignTask[] {
  const read = readJson(document, source);
  if (Array.isArray(read.value.tasks)) {
    const { value, placeOf } = readJson(list, source);
    return tasksOf(value.tasks, '', ['tasks'], placeOf);
  }
  const tags = Object.keys(read.value).filter((tag) => isList(read.value[tag]));
  if (tags.length === 0) {
    throw new Failure('task-invalid', `${source.name}: there is no list of tasks in it`, {
      hint: 'task-master keeps it in .taskmaster/tasks/tasks.json',
    });
  }
  const { value, placeOf } = readJson(z.looseObject(Object.fromEntries(tags.map((tag) => [tag, list]))), source);
  return tags.flatMap((tag) => tasksOf(value[tag]?.tasks ?? [], tag === FIRST_TAG ? '' : tag, [tag, 'tasks'], placeOf));
}

function isList(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'tasks' in value;
}

function tasksOf(
  tasks: readonly Whole[],
  tag: string,
  path: readonly string[],
  placeOf: JsonDocument<unknown>['placeOf'],
): ForeignTask[] {
  const nameOf = (number: string): string => (tag === '' ? number : `${tag}:${number}`);
  return tasks.flatMap((whole, index) => {
    const number = String(whole.id);
    const own = placeOf(...path, index);
    const parts = (whole.subtasks ?? []).map((part, at): ForeignTask => {
      const place = placeOf(...path, index, 'subtasks', at);
      // A number alone names a subtask of the same task.
      const requires = (part.dependencies ?? []).map(String).map((other) => {
        const isSibling = !other.includes('.') && whole.subtasks?.some((one) => String(one.id) === other);
        return nameOf(isSibling ? `${number}.${other}` : other);
      });
      const name = String(part.id).includes('.') ? String(part.id) : `${number}.${part.id}`;
      return { ...toForeign(part, place, tag), name: nameOf(name), requires, parent: nameOf(number) };
    });
    // A whole that says nothing about its priority has medium priority, and its parts are as important as it is.
    const priority = priorityOf(whole.priority ?? '') ?? priorityOf('medium');
    const requires = (whole.dependencies ?? []).map((other) => nameOf(String(other)));
    return [
      { ...toForeign(whole, own, tag), name: nameOf(number), requires, ...given({ priority }) },
      ...parts.map((part) => ({ ...part, ...given({ priority: part.priority ?? priority }) })),
    ];
  });
}

function toForeign(item: Item, place: string, tag: string): Omit<ForeignTask, 'name' | 'requires' | 'parent'> {
  const word = toLine(item.status ?? 'pending');
  const who = toLine(item.assignee ?? '');
  return {
    place,
    title: item.title,
    ...given({
      priority: priorityOf(item.priority ?? ''),
      text: sections(textIn(item.description), [
        ['Details', textIn(item.details)],
        ['Test strategy', textIn(item.testStrategy)],
      ]),
      since: item.updatedAt ?? undefined,
      who: who === '' ? undefined : who,
      batch: tag === '' ? undefined : toLine(tag).slice(0, 100),
    }),
    criteria: criteriaIn(textIn(item.acceptanceCriteria)),
    labels: {},
    state: STATES[word] ?? 'open',
    word,
  };
}

const STATES: Readonly<Record<string, ForeignState>> = {
  done: 'done',
  completed: 'done',
  'in-progress': 'started',
  review: 'started',
  deferred: 'parked',
  blocked: 'parked',
  cancelled: 'dropped',
};

function textIn(value: string | readonly string[] | null | undefined): string | undefined {
  return toText(typeof value === 'string' ? value : value?.map((line) => `- ${line}`).join('\n'));
}
