import type { Refusal } from '../base/failure.ts';
import { quote } from '../base/names.ts';
import { closest } from '../base/suggest.ts';
import {
  parseDependencyEntries,
  requiredId,
  requiredKey,
  requiredKeys,
  saysNothing,
} from '../queue/dependency-entry.ts';
import { needsIn } from '../queue/new-task.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { type DependencyEntry, formatKey, type TaskKey } from '../queue/task.ts';
import { findCycles } from '../rules/dependency-graph.ts';
import { parseNeeds } from '../rules/needs.ts';
import { cancelledRequirement } from '../rules/unknown-names.ts';
import { invalid } from './messages.ts';
import type { NumberedTask } from './number.ts';

/** A new task whose dependencies are resolved to ids. */
export interface LinkedTask extends NumberedTask {
  readonly required: readonly DependencyEntry[];
  readonly blocks: readonly DependencyEntry[];
  /** Capabilities: what `needs` names besides tasks. */
  readonly needs: readonly string[];
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
    const { tasks: needed, words } = sortedOut(state, names, task);
    const required = requiredOf(state, names, task, needed);
    if (!Array.isArray(required)) return { kind: 'refused', refusal: required };
    tasks.push({ ...task, required, blocks: blocksOf(names, task), needs: words });
  }
  const refusal = circle(state, tasks);
  return refusal ? { kind: 'refused', refusal } : { kind: 'linked', tasks };
}

/** The names by which the tasks of one input may require each other. */
class InputNames {
  readonly #refs = new Map<string, NumberedTask>();
  readonly #ids = new Map<string, NumberedTask>();
  /** Those that the input adds tasks to. */
  readonly projects = new Set<string>();

  add(added: NumberedTask): Refusal | undefined {
    this.projects.add(added.key.project);
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

  /** @param text all of an entry of `required`: a ref may hold what no id does */
  byRef(text: string): NumberedTask | undefined {
    return this.#refs.get(text);
  }

  /** @param id as a task of this project names it, with another project in front or not */
  resolve(project: string, id: string): NumberedTask | undefined {
    const key = requiredKey(id, project);
    const byRef = this.#refs.get(key.id);
    const isMeant = byRef !== undefined && (key.id === id || byRef.key.project === key.project);
    return isMeant ? byRef : this.#ids.get(formatKey(key));
  }

  /**
   * What was probably meant by a name that no task has. @param isOwn whether the task that names it is of the project
   */
  closest({ project, id }: TaskKey, existing: readonly string[], isOwn: boolean): string | undefined {
    const refs = [...this.#refs].filter(([, { key }]) => isOwn || key.project === project).map(([ref]) => ref);
    const ids = [...this.#ids.values()].filter(({ key }) => key.project === project).map(({ key }) => key.id);
    return closest(id, [...refs, ...ids, ...existing]);
  }
}

/** What the task needs: tasks of the queue or of this input, and other words. */
function sortedOut(
  state: QueueState,
  names: InputNames,
  { task, key }: NumberedTask,
): { readonly tasks: readonly string[]; readonly words: readonly string[] } {
  const sorted = { tasks: [] as string[], words: [] as string[] };
  for (const text of needsIn(task)) {
    const [word] = parseNeeds(text, 1, key.project, key.id).words;
    const isTask =
      word?.id === undefined ||
      names.resolve(key.project, word.id) !== undefined ||
      state.lookup({ project: key.project, id: word.id }).kind !== 'absent';
    sorted[isTask ? 'tasks' : 'words'].push(text);
  }
  return sorted;
}

function requiredOf(
  state: QueueState,
  names: InputNames,
  one: NumberedTask,
  needed: readonly string[],
): DependencyEntry[] | Refusal {
  const { task, key } = one;
  const place = task.requiredPlace ?? task.place;
  const entries = new Map<string, DependencyEntry>();
  const entriesIn = (text: string): readonly DependencyEntry[] =>
    names.byRef(text) === undefined ? parseDependencyEntries(text, 1, key.project) : [{ id: text, text, line: 1 }];
  for (const entry of [...task.required, ...needed].flatMap(entriesIn)) {
    const { id } = entry;
    if (id === undefined) {
      if (!saysNothing(entry.text)) entries.set(entry.text, entry);
      continue;
    }
    const other = names.byRef(id) ?? names.resolve(key.project, id);
    if (other === one) return invalid(place, `${labelOf(one)} requires itself`);
    if (!other && !state.exists(requiredKey(id, key.project))) {
      return invalid(place, unknown(state, names, one, id));
    }
    // A plan that is added again must not fail because of what has been cancelled since.
    const isOld = other !== undefined || state.exists(key);
    const gone = isOld ? undefined : cancelledRequirement(state, requiredKey(id, key.project));
    if (gone !== undefined) return invalid(place, gone.message);
    const linked = other ? renamed(entry, id, requiredId(other.key, key.project), key.project) : entry;
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
      if (entry.id === undefined || other === undefined) return entry;
      return renamed(entry, entry.id, requiredId(other.key, key.project), key.project);
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
  const { project, id: name } = requiredKey(id, key.project);
  const requires = `${task.place === undefined ? '--requires' : 'requires'} ${quote(id)}`;
  const nor = task.place === undefined ? '' : ', nor in this input';
  const told = (what: string, meant: string | undefined): string =>
    `${requires}: ${what}${nor}${meant === undefined ? '' : `, did you mean ${meant}?`}`;
  const branch = state.otherBranch?.(project);
  if (branch !== undefined)
    return told(`there is no such task in project ${project}, on the branch ${branch}`, undefined);
  if (state.project(project) === undefined && !names.projects.has(project)) {
    const meant = closest(project, [...state.projectNames, ...names.projects]);
    return told(
      `there is no project ${project} in this queue`,
      meant && requiredId({ project: meant, id: name }, key.project),
    );
  }
  const existing = state.entriesOf(project).map((entry) => entry.key.id);
  const meant = names.closest({ project, id: name }, existing, project === key.project);
  return told(`there is no such task in project ${project}`, meant && requiredId({ project, id: meant }, key.project));
}

/** Looks at existing tasks too: one of them may have named, long ago, an id that is only given now. */
function circle(state: QueueState, tasks: readonly LinkedTask[]): Refusal | undefined {
  // New tasks come first, and each cycle begins at its lowest number: one that begins at an old task is not new.
  const numbers = new Map(tasks.map((task, number) => [formatKey(task.key), number]));
  // Nothing waits for a task that is complete or cancelled, whatever that one required.
  const nodes: (readonly TaskKey[])[] = tasks.map(({ key, required, task }) =>
    task.completion === undefined && task.cancellation === undefined ? requiredKeys(required, key.project) : [],
  );
  const edges: number[][] = [];
  for (let node = nodes[0]; node !== undefined; node = nodes[edges.length]) {
    const to: number[] = [];
    for (const key of node) {
      const known = numbers.get(formatKey(key));
      to.push(known ?? nodes.length);
      if (known !== undefined) continue;
      numbers.set(formatKey(key), nodes.length);
      nodes.push(requiredInQueue(state, key));
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

function requiredInQueue(state: QueueState, key: TaskKey): readonly TaskKey[] {
  const found = state.lookup(key);
  // Nothing waits for a completed task any more, whatever that one had to wait for.
  if (found.kind !== 'found' || found.entry.state === 'completed' || found.entry.reading.kind !== 'read') return [];
  return requiredKeys(state.requirements(found.entry), key.project);
}

/** The name that its author knows: an id that was chosen just now says nothing. */
function labelOf({ task, key }: NumberedTask): string {
  return task.id ?? task.ref ?? (task.place === undefined ? 'the task' : `${key.id} ${quote(task.title)}`);
}

function placeOf({ task }: NumberedTask): string {
  return task.place ?? 'the command line';
}
