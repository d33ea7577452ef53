import { type Edges, stronglyConnected } from '../rules/dependency-graph.ts';

/** What the length of a chain counts. */
interface Weighed {
  readonly state: string;
  readonly priority: number | null;
}

/** The longest chain that ends in a task. */
interface Chain {
  readonly length: number;
  /** Sum of the priorities. */
  readonly weight: number;
  /** The task before it; undefined: it is the first. */
  readonly before: number | undefined;
}

/**
 * The chain of open tasks that the end of the work depends on: the one with the most tasks, and of several the one whose
 * priorities add up to most. Without estimates every task counts as one step, as the critical path method does it with
 * equal durations (Kelley and Walker, 1959). Tasks that wait for each other are on no chain: they never begin.
 *
 * @param edges for each task the numbers of those that it requires
 * @returns numbers of tasks, first what is to be done first; it takes time in proportion to tasks and edges
 */
export function criticalPath(tasks: readonly Weighed[], edges: Edges): number[] {
  const chains = new Map<number, Chain>();
  let end: number | undefined;
  // What a task requires comes before it.
  for (const [node, another] of stronglyConnected(edges)) {
    const task = node === undefined || another !== undefined ? undefined : tasks[node];
    if (node === undefined || task === undefined || !counts(task) || edges[node]?.includes(node)) continue;
    let best: Chain = { length: 0, weight: 0, before: undefined };
    for (const before of edges[node] ?? []) {
      const chain = chains.get(before);
      if (chain !== undefined && isLonger(chain, before, best, best.before)) best = { ...chain, before };
    }
    const chain = { length: best.length + 1, weight: best.weight + (task.priority ?? 0), before: best.before };
    chains.set(node, chain);
    if (end === undefined || isLonger(chain, node, chains.get(end), end)) end = node;
  }
  const path: number[] = [];
  for (let node = end; node !== undefined; node = chains.get(node)?.before) path.push(node);
  return path.reverse();
}

function counts({ state }: Weighed): boolean {
  return state !== 'completed' && state !== 'cancelled' && state !== 'unknown';
}

/** Of two chains that are as good, the one whose last task comes first in the graph: the answer must not change by chance. */
function isLonger(one: Chain, at: number, other: Chain | undefined, otherAt: number | undefined): boolean {
  if (other === undefined || one.length !== other.length) return one.length > (other?.length ?? 0);
  if (one.weight !== other.weight) return one.weight > other.weight;
  return otherAt !== undefined && at < otherAt;
}
