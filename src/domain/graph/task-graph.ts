import { requiredKeys } from '../queue/dependency-entry.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isOpen, type TaskCondition, type TaskKey } from '../queue/task.ts';
import { conditionOf } from '../rules/readiness.ts';
import { viewOf } from '../rules/task-view.ts';
import { type GraphShape, shapeOf } from './shape.ts';

/** A task in the graph of what requires what. */
export interface GraphTask {
  /** `project/TASK-ID` */
  readonly name: string;
  readonly project: string;
  readonly id: string;
  /** null: its file says none, or was not read. */
  readonly title: string | null;
  /** `unknown`: others require it, and there is no such task. */
  readonly state: TaskCondition | 'unknown';
  readonly priority: number | null;
  /** Who works on it or waits for its review. */
  readonly agent: string | null;
  /** Names of the tasks in the graph that it requires, in the order of its file. */
  readonly requires: readonly string[];
}

export interface TaskGraph extends Omit<GraphShape, 'edges'> {
  /** In natural order of their names. */
  readonly tasks: readonly GraphTask[];
}

export interface GraphOptions {
  /** Only its tasks, and those of other projects that they require, in the end. */
  readonly project?: string;
  /** `open`: without what is done, and of what is cancelled only what an open task requires, which waits forever. */
  readonly tasks: 'open' | 'all';
}

/**
 * The tasks and what they require. Pure: the same queue has the same graph in the terminal, in a file and on a page.
 */
export function graphOf(state: QueueState, { project, tasks: which }: GraphOptions): TaskGraph {
  const found = new Map<string, GraphTask>();
  const wanted: TaskKey[] = [];
  for (const [entry] of state.all()) {
    if (entry === undefined || (project !== undefined && entry.key.project !== project)) continue;
    if (which === 'all' || isOpen({ state: conditionOf(state, entry) })) wanted.push(entry.key);
  }
  for (let key = wanted.pop(); key !== undefined; key = wanted.pop()) {
    const name = formatKey(key);
    if (found.has(name) || (which === 'open' && state.isCompleted(key))) continue;
    const [entry] = state.entriesNow(key);
    found.set(name, entry === undefined ? unknown(state, key) : known(state, entry));
    if (entry !== undefined) wanted.push(...requiredBy(state, entry));
  }
  const tasks = [...found.values()]
    .map((task) => ({ ...task, requires: task.requires.filter((name) => found.has(name)) }))
    .sort((a, b) => compareNatural(a.name, b.name));
  const { criticalPath, cycles } = shapeOf(tasks);
  return { tasks, criticalPath, cycles };
}

function known(state: QueueState, entry: TaskEntry): GraphTask {
  const { project, task: id, title, priority, state: condition, claim } = viewOf(state, entry);
  const isHeld = condition === 'claimed' || condition === 'review';
  const requires = [...new Set(requiredBy(state, entry).map(formatKey))];
  const agent = isHeld ? (claim?.agent ?? null) : null;
  return { name: formatKey(entry.key), project, id, title, priority, state: condition, agent, requires };
}

/** A task that others require and that is not in this queue, or is done on another branch. */
function unknown(state: QueueState, key: TaskKey): GraphTask {
  const { project, id } = key;
  const condition = state.isCompleted(key) ? 'completed' : 'unknown';
  return {
    name: formatKey(key),
    project,
    id,
    title: null,
    state: condition,
    priority: null,
    agent: null,
    requires: [],
  };
}

function requiredBy(state: QueueState, entry: TaskEntry): readonly TaskKey[] {
  return requiredKeys(state.requirements(entry), entry.key.project);
}
