import type { Refusal } from '../base/failure.ts';
import { quote } from '../base/names.ts';
import { closest } from '../base/suggest.ts';
import { parseDependencyEntries, saysNothing } from '../queue/dependency-entry.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { type DependencyEntry, formatKey } from '../queue/task.ts';
import { findCycles } from '../rules/dependency-graph.ts';
import { invalid } from './messages.ts';
import type { NumberedTask } from './number.ts';

/** A new task whose dependencies are resolved to ids. */
export interface LinkedTask extends NumberedTask {
  readonly required: readonly DependencyEntry[];
  readonly blocks: readonly DependencyEntry[];
}

export type Linking =
  | { readonly kind: 'linked'; readonly tasks: readonly LinkedTask[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Resolves what each task requires: a `ref` or a given id of the same input, or a task of the queue. Anything else is
 * refused, and so is a cycle: its tasks could never be claimed.
 */
export function linkTasks(state: QueueState, numbered: readonly NumberedTask[]): Linking {
  const names = new InputNames();
  for (const task of numbered) {
    const refusal = names.add(task);
    if (refusal) return { kind: 'refused', refusal };
  }
  const tasks: LinkedTask[] = [];
  for (const task of numbered) {
    const required = requiredOf(state, names, task);
    if (!Array.isArray(required)) return { kind: 'refused', refusal: required };
    tasks.push({ ...task, required, blocks: blocksOf(names, task) });
  }
  const refusal = circle(state, tasks);
  return refusal ? { kind: 'refused', refusal } : { kind: 'linked', tasks };
}

/** The names by which the tasks of one input may require each other. */
class InputNames {
  readonly #refs = new Map<string, NumberedTask>();
  readonly #ids = new Map<string, NumberedTask>();

  add(added: NumberedTask): Refusal | undefined {
    const { ref, id, place } = added.task;
    if (ref !== undefined) {
      const before = this.#refs.get(ref);
      if (before) return invalid(place, `the ref ${ref} is given twice, first at ${placeOf(before)}`);
      this.#refs.set(ref, added);
    }
    // Only ids that the input itself gives: nobody can have meant one that was chosen just now.
    if (id !== undefined) this.#ids.set(formatKey(added.key), added);
    return undefined;
  }

  resolve(project: string, id: string): NumberedTask | undefined {
    return this.#refs.get(id) ?? this.#ids.get(formatKey({ project, id }));
  }

  /** What was probably meant by a name that no task has. */
  closest(project: string, id: string, existing: readonly string[]): string | undefined {
    const ids = [...this.#ids.values()].filter(({ key }) => key.project === project).map(({ key }) => key.id);
    return closest(id, [...this.#refs.keys(), ...ids, ...existing]);
  }
}

function requiredOf(state: QueueState, names: InputNames, one: NumberedTask): DependencyEntry[] | Refusal {
  const { task, key } = one;
  const place = task.requiredPlace ?? task.place;
  const entries = new Map<string, DependencyEntry>();
  for (const entry of task.required.flatMap((text) => parseDependencyEntries(text, 1, key.project))) {
    const { id } = entry;
    if (id === undefined) {
      if (!saysNothing(entry.text)) entries.set(entry.text, entry);
      continue;
    }
    const other = names.resolve(key.project, id);
    if (other === one) return invalid(place, `${labelOf(one)} requires itself`);
    if (other && other.key.project !== key.project) return invalid(place, foreign(one, id, other.key.project));
    if (!other && state.lookup({ project: key.project, id }).kind === 'absent') {
      return invalid(place, unknown(state, names, one, id));
    }
    const linked = other ? renamed(entry, id, other.key.id, key.project) : entry;
    entries.set(linked.id ?? linked.text, linked);
  }
  return [...entries.values()];
}

/** Information only: the tasks it names may be added later. */
function blocksOf(names: InputNames, { task, key }: NumberedTask): DependencyEntry[] {
  return task.blocks
    .flatMap((text) => parseDependencyEntries(text, 1, key.project))
    .filter((entry) => !saysNothing(entry.text))
    .map((entry) => {
      const other = entry.id === undefined ? undefined : names.resolve(key.project, entry.id);
      if (entry.id === undefined || other?.key.project !== key.project) return entry;
      return renamed(entry, entry.id, other.key.id, key.project);
    });
}

/** The entry with the id that its task got, and with its remark. */
function renamed(entry: DependencyEntry, from: string, to: string, project: string): DependencyEntry {
  if (from === to) return entry;
  const text = entry.text.replace(from, () => to);
  const [again, second] = parseDependencyEntries(text, 1, project);
  return { id: to, text: again?.id === to && second === undefined ? text : to, line: entry.line };
}

function unknown(state: QueueState, names: InputNames, { task, key }: NumberedTask, id: string): string {
  const [project, name] = id.split('/');
  const requires = `${task.place === undefined ? '--requires' : 'requires'} ${quote(id)}`;
  if (name !== undefined) return `${requires}: dependencies are within one project, and this is not ${project}`;
  const existing = state.entriesOf(key.project).map((entry) => entry.key.id);
  const meant = names.closest(key.project, id, existing);
  const known = `there is no such task in project ${key.project}${task.place === undefined ? '' : ', nor in this input'}`;
  return `${requires}: ${known}${meant === undefined ? '' : `, did you mean ${meant}?`}`;
}

function foreign({ key }: NumberedTask, id: string, project: string): string {
  return `requires ${quote(id)}, which is in project ${project}: dependencies are within one project, and this is ${key.project}`;
}

/** Looks at existing tasks too: one of them may have named, long ago, an id that is only given now. */
function circle(state: QueueState, tasks: readonly LinkedTask[]): Refusal | undefined {
  // New tasks come first, and each cycle begins at its lowest number: one that begins at an old task is not new.
  const numbers = new Map(tasks.map((task, number) => [formatKey(task.key), number]));
  const nodes: { readonly project: string; readonly required: readonly (string | undefined)[] }[] = tasks.map(
    ({ key, required }) => ({ project: key.project, required: required.map(({ id }) => id) }),
  );
  const edges: number[][] = [];
  for (let node = nodes[0]; node !== undefined; node = nodes[edges.length]) {
    const to: number[] = [];
    for (const id of node.required) {
      if (id === undefined) continue;
      const key = { project: node.project, id };
      const known = numbers.get(formatKey(key));
      to.push(known ?? nodes.length);
      if (known !== undefined) continue;
      numbers.set(formatKey(key), nodes.length);
      nodes.push({ project: node.project, required: requiredInQueue(state, key) });
    }
    edges.push(to);
  }
  const names = [...numbers.keys()];
  for (const cycle of findCycles(edges, 1)) {
    const first = tasks[cycle[0] ?? -1];
    if (first === undefined) continue;
    const path = [...cycle, cycle[0] ?? 0].map((node) => {
      const task = tasks[node];
      return task ? labelOf(task) : (names[node] ?? '');
    });
    const { requiredPlace, place } = first.task;
    return invalid(requiredPlace ?? place, `the dependencies form a cycle: ${path.join(' -> ')}`);
  }
  return undefined;
}

function requiredInQueue(state: QueueState, key: { project: string; id: string }): (string | undefined)[] {
  const found = state.lookup(key);
  // Nothing waits for a completed task any more, whatever that one had to wait for.
  if (found.kind !== 'found' || found.entry.state === 'completed' || found.entry.reading.kind !== 'read') return [];
  return found.entry.reading.task.required.map(({ id }) => id);
}

/** The name that its author knows: an id that was chosen just now says nothing. */
function labelOf({ task, key }: NumberedTask): string {
  return task.id ?? task.ref ?? (task.place === undefined ? 'the task' : `${key.id} ${quote(task.title)}`);
}

function placeOf({ task }: NumberedTask): string {
  return task.place ?? 'the command line';
}
