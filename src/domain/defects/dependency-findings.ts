import type { Finding, Severity } from '../base/finding.ts';
import { given } from '../base/given.ts';
import { closest, numbersIn } from '../base/suggest.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import type { DependencyEntry } from '../queue/task.ts';
import { type Edges, findCycles, stronglyConnected } from '../rules/dependency-graph.ts';
import { type OwnBlocker, ownBlocker } from './own-blocker.ts';

/** Most cycles that are shown of one knot of tasks: these must be fixed first. */
const MOST_CYCLES = 20;

/** A task of the project, as a node of the graph. */
interface Node {
  readonly entry: TaskEntry;
  /** Every place the task is in. */
  readonly places: readonly TaskEntry[];
  /** What it requires, without itself: the first entry of each id. */
  readonly requirements: readonly Requirement[];
  readonly requiresItself: DependencyEntry | undefined;
}

interface Requirement {
  readonly dependency: DependencyEntry;
  readonly id: string;
  /** undefined: there is no such task in the project. */
  readonly node: number | undefined;
}

/** Why a task can never be claimed: the one thing to fix, in the task itself or in one that it waits for. */
interface Root extends Omit<OwnBlocker, 'line'> {
  /** The task that has it. */
  readonly id: string;
}

/** The root, and the line of the task at hand that leads to it. */
interface Verdict {
  readonly root: Root;
  readonly words: string;
  readonly line: number | undefined;
}

/** What is wrong with the dependencies between the tasks of one project. */
export function dependencyFindings(
  state: QueueState,
  project: string,
  tasks: readonly (readonly TaskEntry[])[],
): Finding[] {
  const nodes = toNodes(tasks);
  const open = edgesOf(nodes, ({ entry }) => entry.state !== 'completed');
  const cycles = findCycles(open, MOST_CYCLES);
  return [
    ...unknownDependencies(nodes),
    ...cycles.map((cycle) => cycleFinding(nodes, cycle)),
    ...neverClaimable(state, project, nodes, cycles),
  ];
}

function toNodes(tasks: readonly (readonly TaskEntry[])[]): Node[] {
  const sorted = tasks
    .flatMap((places) => (places[0] ? [{ entry: places[0], places }] : []))
    .sort((a, b) => compareNatural(a.entry.key.id, b.entry.key.id));
  const number = new Map(sorted.map(({ entry }, at) => [entry.key.id, at]));
  return sorted.map(({ entry, places }) => {
    const requirements = new Map<string, Requirement>();
    let requiresItself: DependencyEntry | undefined;
    for (const dependency of entry.reading.kind === 'read' ? entry.reading.task.required : []) {
      const { id } = dependency;
      if (id === undefined) continue;
      if (id === entry.key.id) requiresItself ??= dependency;
      else if (!requirements.has(id)) requirements.set(id, { dependency, id, node: number.get(id) });
    }
    return { entry, places, requirements: [...requirements.values()], requiresItself };
  });
}

/** Edges from the wanted tasks to the incomplete tasks that they require. */
function edgesOf(nodes: readonly Node[], wanted: (node: Node) => boolean): Edges {
  return nodes.map((node) =>
    wanted(node)
      ? node.requirements.flatMap(({ node: to }) => (to === undefined || isDone(nodes[to]) ? [] : [to]))
      : [],
  );
}

/** As claiming sees it: a task is complete if it is in the completed folder and nowhere else. */
function isDone(node: Node | undefined): boolean {
  return node?.entry.state === 'completed' && node.places.length === 1;
}

function unknownDependencies(nodes: readonly Node[]): Finding[] {
  const idsByNumber = new Map<string, string[]>();
  for (const { entry } of nodes) {
    const { id } = entry.key;
    const known = idsByNumber.get(numbersIn(id));
    if (known) known.push(id);
    else idsByNumber.set(numbersIn(id), [id]);
  }
  const suggestions = new Map<string, string | undefined>();
  const meant = (id: string): string | undefined => {
    if (!suggestions.has(id)) suggestions.set(id, closest(id, (idsByNumber.get(numbersIn(id)) ?? []).slice(0, 1000)));
    return suggestions.get(id);
  };
  return nodes.flatMap(({ entry, requirements }) =>
    requirements.flatMap(({ id, node, dependency }): Finding[] => {
      if (node !== undefined) return [];
      const similar = meant(id);
      return [
        {
          code: 'unknown-dependency',
          severity: { ready: 'error', claimed: 'warning', completed: 'note' }[entry.state] as Severity,
          message: `${entry.key.id} requires ${id}, which project ${entry.key.project} does not have`,
          hint: similar === undefined ? 'add the task, or remove the entry' : `did you mean ${similar}?`,
          file: entry.path,
          line: dependency.line,
        },
      ];
    }),
  );
}

function cycleFinding(nodes: readonly Node[], cycle: readonly number[]): Finding {
  const members = cycle.flatMap((at) => nodes[at] ?? []);
  const [first] = members;
  const step = first?.requirements.find(({ node }) => node === (cycle[1] ?? cycle[0]));
  // A claimed task can still be completed, which frees the others. If it is released, they wait forever.
  const isDeadlock = members.every(({ entry }) => entry.state === 'ready');
  return {
    code: 'dependency-cycle',
    severity: isDeadlock ? 'error' : 'warning',
    message: `the tasks wait for each other: ${pathOf(nodes, cycle)}`,
    hint: 'remove one of these dependencies',
    file: first?.entry.path ?? '',
    ...given({ line: step?.dependency.line }),
  };
}

function pathOf(nodes: readonly Node[], cycle: readonly number[]): string {
  const ids = [...cycle, ...cycle.slice(0, 1)].map((at) => nodes[at]?.entry.key.id ?? '');
  if (ids.length <= 21) return ids.join(' -> ');
  return [...ids.slice(0, 10), `... ${ids.length - 20} more ...`, ...ids.slice(-10)].join(' -> ');
}

/**
 * Tasks of the ready folder that nobody can ever claim until somebody fixes something, each with the first thing to
 * fix. A claimed task is no reason: it may still be completed.
 */
function neverClaimable(
  state: QueueState,
  project: string,
  nodes: readonly Node[],
  cycles: readonly (readonly number[])[],
): Finding[] {
  const edges = edgesOf(nodes, ({ entry }) => entry.state === 'ready');
  const cycleOf = new Map(cycles.flatMap((cycle) => cycle.map((at) => [at, cycle] as const)));
  const blockerOf = ownBlocker(state, project);
  const roots = new Map<number, Root>();
  const findings: Finding[] = [];
  // A component comes after those that it requires, so their roots are known.
  for (const component of stronglyConnected(edges)) {
    const knot = new Set(component.length > 1 ? component : []);
    for (const at of component) {
      const node = nodes[at];
      if (node === undefined || isDone(node)) continue;
      const verdict =
        inItself(node, blockerOf(node.places)) ??
        inKnot(nodes, node, knot, cycleOf.get(at)) ??
        inWhatItWaitsFor(node, roots);
      if (verdict === undefined) continue;
      const { root, words, line } = verdict;
      roots.set(at, root);
      // Other findings report these.
      if (node.places.length > 1 || node.entry.state !== 'ready' || node.entry.reading.kind !== 'read') continue;
      findings.push({
        code: 'never-claimable',
        severity: root.severity,
        message: `${node.entry.key.id} can never be claimed: it ${words}`,
        hint: root.hint,
        file: node.entry.path,
        ...given({ line }),
      });
    }
  }
  return findings;
}

function inItself(node: Node, blocker: OwnBlocker | undefined): Verdict | undefined {
  if (blocker !== undefined) return verdict(node, blocker, blocker.line);
  if (node.entry.state !== 'ready') return undefined;
  if (node.requiresItself) {
    const words = 'requires itself';
    return verdict(node, { severity: 'error', words, hint: 'remove the entry' }, node.requiresItself.line);
  }
  const unknown = node.requirements.find((requirement) => requirement.node === undefined);
  if (unknown === undefined) return undefined;
  const words = `requires ${unknown.id}, which does not exist`;
  const hint = 'add the task, or remove the entry';
  return verdict(node, { severity: 'error', words, hint }, unknown.dependency.line);
}

function inKnot(
  nodes: readonly Node[],
  node: Node,
  knot: ReadonlySet<number>,
  cycle: readonly number[] | undefined,
): Verdict | undefined {
  const inside = node.requirements.find((requirement) => requirement.node !== undefined && knot.has(requirement.node));
  if (inside === undefined) return undefined;
  const words = cycle === undefined ? 'waits for tasks that wait for it' : `waits for itself: ${pathOf(nodes, cycle)}`;
  return verdict(node, { severity: 'error', words, hint: 'remove one of these dependencies' }, inside.dependency.line);
}

function verdict(node: Node, blocker: Omit<OwnBlocker, 'line'>, line: number | undefined): Verdict {
  const { severity, words, hint } = blocker;
  return { root: { id: node.entry.key.id, severity, words, hint }, words, line };
}

function inWhatItWaitsFor(node: Node, roots: ReadonlyMap<number, Root>): Verdict | undefined {
  if (node.entry.state !== 'ready') return undefined;
  const dead = node.requirements.flatMap((requirement) => {
    const root = requirement.node === undefined ? undefined : roots.get(requirement.node);
    return root === undefined ? [] : [{ requirement, root }];
  });
  const worst = dead.find(({ root }) => root.severity === 'error') ?? dead[0];
  if (worst === undefined) return undefined;
  const { requirement, root } = worst;
  const words =
    requirement.id === root.id
      ? `waits for ${root.id}, which ${root.words}`
      : `waits in vain for ${requirement.id}: ${root.id} ${root.words}`;
  return { root, words, line: requirement.dependency.line };
}
