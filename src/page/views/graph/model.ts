import type { BoardTask } from '../../../domain/dashboard/board.ts';
import { type GraphShape, shapeOf } from '../../../domain/graph/shape.ts';
import { isOpen, type TaskCondition, taskName } from '../../../domain/queue/task.ts';

/** A task in the picture. */
export interface GraphNode {
  /** `project/TASK-ID` */
  readonly name: string;
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  /** `unknown`: others require it, and there is no such task. */
  readonly state: TaskCondition | 'unknown';
  readonly isStalled: boolean;
  readonly priority: number | null;
  readonly agent: string | null;
  /** Of the nodes of the graph. */
  readonly requires: readonly string[];
}

/** What is drawn of the board, and what is told about it. */
export interface GraphModel extends Omit<GraphShape, 'edges'> {
  /** Those that require others or are required, in the order of the board. */
  readonly linked: readonly GraphNode[];
  /** Those that nothing links to others. */
  readonly alone: readonly GraphNode[];
  /** Linked tasks that are left out, because there are too many. */
  readonly left: number;
}

/** What the reader wants to see. */
export interface GraphWish {
  /** undefined: all. */
  readonly project: string | undefined;
  readonly withCompleted: boolean;
  /** Most linked tasks. */
  readonly most: number;
}

/**
 * The graph that `agentq graph` prints, of the tasks of a board: open ones, and what of other projects they require. A
 * cancelled task that an open one requires is in it: that one waits forever.
 */
export function graphModel(tasks: readonly BoardTask[], { project, withCompleted, most }: GraphWish): GraphModel {
  const byName = new Map(tasks.map((task) => [taskName(task), task]));
  const wanted = tasks.filter((task) => {
    return (project === undefined || task.project === project) && (withCompleted || isOpen(task));
  });
  const found = new Map<string, BoardTask | undefined>(wanted.map((task) => [taskName(task), task]));
  const open = [...found.keys()];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const required of byName.get(name)?.requires ?? []) {
      const task = byName.get(required);
      if (found.has(required) || (!withCompleted && task?.state === 'completed')) continue;
      found.set(required, task);
      open.push(required);
    }
  }
  const nodes = [...found].map(([name, task]) => nodeOf(name, task, found));
  return modelOf(nodes, most);
}

function modelOf(nodes: readonly GraphNode[], most: number): GraphModel {
  const { edges, criticalPath, cycles } = shapeOf(nodes);
  const isLinked = new Set(edges.flatMap((to, at) => (to.length === 0 ? [] : [at, ...to])));
  const linked = nodes.filter((_, at) => isLinked.has(at));
  const shown = linked.length > most ? mostImportant(linked, criticalPath, most) : linked;
  return {
    linked: shown,
    alone: nodes.filter((_, at) => !isLinked.has(at)),
    criticalPath,
    cycles,
    left: linked.length - shown.length,
  };
}

/** The critical path, and then those that the board has first. */
function mostImportant(linked: readonly GraphNode[], path: readonly string[], most: number): GraphNode[] {
  const kept = new Set(path.slice(0, most));
  for (const { name } of linked) {
    if (kept.size >= most) break;
    kept.add(name);
  }
  return linked
    .filter(({ name }) => kept.has(name))
    .map((node) => ({ ...node, requires: node.requires.filter((name) => kept.has(name)) }));
}

/** Everything that the task requires in the end, and everything that requires it in the end, without the task. */
export function relativesOf(nodes: readonly GraphNode[], name: string): ReadonlySet<string> {
  const before = new Map(nodes.map((node) => [node.name, node.requires]));
  const after = new Map<string, string[]>();
  for (const node of nodes) {
    for (const required of node.requires) after.set(required, [...(after.get(required) ?? []), node.name]);
  }
  const relatives = new Set([...reachable(name, before), ...reachable(name, after)]);
  relatives.delete(name);
  return relatives;
}

function reachable(name: string, steps: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const open = [name];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of steps.get(at) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

function nodeOf(name: string, task: BoardTask | undefined, found: ReadonlyMap<string, unknown>): GraphNode {
  if (task === undefined) {
    const [project = '', ...id] = name.split('/');
    const unknown = { state: 'unknown', title: null, isStalled: false, priority: null, agent: null } as const;
    return { name, project, task: id.join('/'), ...unknown, requires: [] };
  }
  const { project, task: id, title, state, isStalled, priority, agent } = task;
  const requires = [...new Set(task.requires)].filter((required) => found.has(required));
  return { name, project, task: id, title, state, isStalled, priority, agent, requires };
}
