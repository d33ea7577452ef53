import { type Edges, findCycles } from '../rules/dependency-graph.ts';
import { criticalPath } from './critical-path.ts';

/** A task of a graph, with what its shape depends on. */
export interface ShapeNode {
  /** `project/TASK-ID` */
  readonly name: string;
  readonly state: string;
  readonly priority: number | null;
  /** Names of tasks, also of some that are not in the graph. */
  readonly requires: readonly string[];
}

/** What follows from a graph of tasks. */
export interface GraphShape {
  /** For each task the numbers of those that it requires. */
  readonly edges: Edges;
  /** The names of the longest chain of open tasks, what comes first in front; empty if nothing is open. */
  readonly criticalPath: readonly string[];
  /** Tasks that wait for each other: none of them can ever be claimed. */
  readonly cycles: readonly (readonly string[])[];
}

/** Most cycles that are named for one group of tasks that wait for each other: there may be millions. */
const MOST_CYCLES = 10;

/** The shape of the graph of these tasks: the same in the terminal, in a file and on a page. */
export function shapeOf(nodes: readonly ShapeNode[]): GraphShape {
  const number = new Map(nodes.map(({ name }, at) => [name, at]));
  const edges = nodes.map(({ requires }) => requires.flatMap((name) => number.get(name) ?? []));
  const nameAt = (at: number): string => nodes[at]?.name ?? '';
  return {
    edges,
    criticalPath: criticalPath(nodes, edges).map(nameAt),
    cycles: findCycles(edges, MOST_CYCLES).map((cycle) => cycle.map(nameAt)),
  };
}
