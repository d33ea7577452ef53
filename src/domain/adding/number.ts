import type { Refusal } from '../base/failure.ts';
import { parseDependencyEntries, requiredKey } from '../queue/dependency-entry.ts';
import type { NewTask } from '../queue/new-task.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { type DependencyEntry, formatKey, type TaskKey } from '../queue/task.ts';
import { at, invalid } from './messages.ts';
import type { PlacedTask } from './place.ts';
import { formatId, idPatternOf } from './task-ids.ts';

/** A new task with its name. */
export interface NumberedTask extends PlacedTask {
  readonly key: TaskKey;
}

export type Numbering =
  | { readonly kind: 'numbered'; readonly tasks: readonly NumberedTask[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Gives each task its id: its own, or the next free one of its project. An id that some task requires, although it does
 * not exist, is left free: its author meant another task than this one.
 * @param known tasks that the queue has already: they keep their ids
 */
export function numberTasks(
  state: QueueState,
  placed: readonly PlacedTask[],
  prefix: string | undefined,
  known: ReadonlyMap<NewTask, TaskEntry> = new Map(),
): Numbering {
  const projects = new Map<string, ProjectIds>();
  for (const { location } of placed) projects.set(location.project, new ProjectIds());
  const require = ({ id }: DependencyEntry, from: string): void => {
    const key = id === undefined ? undefined : requiredKey(id, from);
    if (key !== undefined) projects.get(key.project)?.addRequired(key.id);
  };
  for (const entries of state.all()) {
    for (const entry of entries) {
      const { project } = entry.key;
      projects.get(project)?.addExisting(entry);
      // What a completed task required no longer matters.
      if (entry.state === 'completed' || entry.reading.kind !== 'read') continue;
      for (const dependency of entry.reading.task.required) require(dependency, project);
    }
  }
  for (const { task, location } of placed) {
    const { project } = location;
    for (const text of task.required) for (const one of parseDependencyEntries(text, 1, project)) require(one, project);
    if (known.has(task)) continue;
    const refusal = projects.get(location.project)?.addGiven(location.project, task);
    if (refusal) return { kind: 'refused', refusal };
  }
  const tasks: NumberedTask[] = [];
  for (const one of placed) {
    const { project } = one.location;
    const id = known.get(one.task)?.key.id ?? one.task.id ?? projects.get(project)?.next(prefix);
    if (id === undefined) throw new Error(`project ${project} has no ids`);
    tasks.push({ ...one, key: { project, id } });
  }
  return { kind: 'numbered', tasks };
}

/** The ids of one project. Names that differ only in case are one file on some systems, so they are one id here. */
class ProjectIds {
  /** By lower-case id. */
  readonly #taken = new Map<string, Taken>();
  readonly #required = new Set<string>();
  #next: (() => string) | undefined;

  addExisting(entry: TaskEntry): void {
    this.#take({ id: entry.key.id, by: 'queue', where: entry.path });
  }

  addRequired(id: string): void {
    this.#required.add(id.toLowerCase());
  }

  addGiven(project: string, { id, place }: NewTask): Refusal | undefined {
    if (id === undefined) return undefined;
    const before = this.#taken.get(id.toLowerCase());
    if (before === undefined) {
      this.#take({ id, by: 'input', where: place ?? 'the command line' });
      return undefined;
    }
    const same =
      before.id === id ? '' : `, as ${before.id}: names that differ only in case are one file on some systems`;
    if (before.by === 'input') return invalid(place, `the id ${id} is given twice, first at ${before.where}${same}`);
    return {
      code: 'task-exists',
      message: at(place, `${formatKey({ project, id })} exists already, ${before.where}${same}`),
      hint: 'leave the id out to get the next free one',
    };
  }

  next(prefix: string | undefined): string {
    this.#next ??= this.#counter(prefix);
    return this.#next();
  }

  #counter(prefix: string | undefined): () => string {
    const ids = (by: Taken['by']) => [...this.#taken.values()].filter((one) => one.by === by).map(({ id }) => id);
    const pattern = idPatternOf(ids('queue'), ids('input'), prefix);
    let number = pattern.next;
    return () => {
      for (;;) {
        const id = formatId(pattern, number++);
        const name = id.toLowerCase();
        if (!this.#taken.has(name) && !this.#required.has(name)) return id;
      }
    };
  }

  #take(taken: Taken): void {
    const name = taken.id.toLowerCase();
    if (!this.#taken.has(name)) this.#taken.set(name, taken);
  }
}

/** An id that is taken. */
interface Taken {
  readonly id: string;
  readonly by: 'queue' | 'input';
  /** Path of the file, or place in the input. */
  readonly where: string;
}
