import type { Finding, Severity } from '../base/finding.ts';
import { given } from '../base/given.ts';
import { closest, numbersIn } from '../base/suggest.ts';
import { isSameKey, requiredId, requiredKey } from '../queue/dependency-entry.ts';
import { compareNatural, compareText } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { type DependencyEntry, formatKey, isCancelled, type TaskKey } from '../queue/task.ts';
import { type Edges, findCycles, stronglyConnected } from '../rules/dependency-graph.ts';
import { type OwnBlocker, ownBlocker } from './own-blocker.ts';

/** Most cycles that are shown of one group of tasks that wait for each other: these must be fixed first. */
const MOST_CYCLES = 20;

/** A task, as a node of the graph. */
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
  /** With its project, if that is another one. */
  readonly id: string;
  /** undefined: there is no such task. */
  readonly node: number | undefined;
}

/** Why a task can never be claimed: the one thing to fix, in the task itself or in one that it waits for. */
interface Root extends Omit<OwnBlocker, 'line'> {
  /** The task that has it. */
  readonly key: TaskKey;
}

/** The root, and the line of the task at hand that leads to it. */
interface Verdict {
  readonly root: Root;
  readonly words: string;
  readonly line: number | undefined;
}

/**
 * What is wrong with the dependencies between tasks.
 *
 * @param tasks every task of the queue, as every place it is in
 * @param project only findings about tasks of this one, whatever they wait for
 */
export function dependencyFindings(
  state: QueueState,
  tasks: readonly (readonly TaskEntry[])[],
  project: string | undefined,
): Finding[] {
  const nodes = toNodes(state, tasks);
  const concerns = ({ entry }: Node): boolean => project === undefined || entry.key.project === project;
  const open = edgesOf(nodes, ({ entry }) => entry.state !== 'completed');
  const cycles = findCycles(open, MOST_CYCLES);
  return [
    ...unknownDependencies(state, nodes, concerns),
    ...cycles.flatMap((cycle) => cycleFinding(nodes, cycle, concerns)),
    ...neverClaimable(state, nodes, cycles, concerns),
  ];
}

function toNodes(state: QueueState, tasks: readonly (readonly TaskEntry[])[]): Node[] {
  const sorted = tasks
    .flatMap((places) => (places[0] ? [{ entry: places[0], places }] : []))
    .sort((a, b) => compareKeys(a.entry.key, b.entry.key));
  const numbers = new Map<string, Map<string, number>>();
  for (const [at, { entry }] of sorted.entries()) {
    const { project, id } = entry.key;
    const own = numbers.get(project);
    if (own) own.set(id, at);
    else numbers.set(project, new Map([[id, at]]));
  }
  return sorted.map(({ entry, places }) => {
    const requirements = new Map<string, Requirement>();
    let requiresItself: DependencyEntry | undefined;
    for (const dependency of state.requirements(entry)) {
      const { id } = dependency;
      if (id === undefined) continue;
      const key = requiredKey(id, entry.key.project);
      if (isSameKey(key, entry.key)) requiresItself ??= dependency;
      // Only where its project lives it can be told whether there is such a task.
      else if (!requirements.has(id) && state.otherBranch?.(key.project) === undefined) {
        requirements.set(id, { dependency, id, node: numbers.get(key.project)?.get(key.id) });
      }
    }
    return { entry, places, requirements: [...requirements.values()], requiresItself };
  });
}

function compareKeys(a: TaskKey, b: TaskKey): number {
  return compareNatural(a.project, b.project) || compareText(a.project, b.project) || compareNatural(a.id, b.id);
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

function unknownDependencies(state: QueueState, nodes: readonly Node[], concerns: (node: Node) => boolean): Finding[] {
  const meant = meantTasks(nodes);
  return nodes.filter(concerns).flatMap(({ entry, requirements }) =>
    requirements.flatMap(({ id, node, dependency }): Finding[] => {
      if (node !== undefined) return [];
      const { key } = entry;
      const { project, id: name } = requiredKey(id, key.project);
      const isKnown = state.project(project) !== undefined;
      const similar = isKnown ? meant(project, name) : closest(project, state.projectNames);
      const suggested =
        similar === undefined ? undefined : { project: isKnown ? project : similar, id: isKnown ? similar : name };
      return [
        {
          code: 'unknown-dependency',
          severity: { ready: 'error', claimed: 'warning', completed: 'note' }[entry.state] as Severity,
          message: isKnown
            ? `${key.id} requires ${id}, which project ${project} does not have`
            : `${key.id} requires ${id}, and there is no project ${project}`,
          hint:
            suggested === undefined
              ? 'add the task, or remove the entry'
              : `did you mean ${requiredId(suggested, key.project)}?`,
          file: entry.path,
          line: dependency.line,
        },
      ];
    }),
  );
}

/** @returns a function that finds the id in a project that was probably meant by another */
function meantTasks(nodes: readonly Node[]): (project: string, id: string) => string | undefined {
  const idsByNumber = new Map<string, string[]>();
  for (const { entry } of nodes) {
    const { project, id } = entry.key;
    const name = `${project}/${numbersIn(id)}`;
    const known = idsByNumber.get(name);
    if (known) known.push(id);
    else idsByNumber.set(name, [id]);
  }
  const suggestions = new Map<string, string | undefined>();
  return (project, id) => {
    const name = `${project}/${id}`;
    if (!suggestions.has(name)) {
      const alike = idsByNumber.get(`${project}/${numbersIn(id)}`) ?? [];
      suggestions.set(name, closest(id, alike.slice(0, 1000)));
    }
    return suggestions.get(name);
  };
}

/** A cycle is reported for the first of its tasks that concerns the caller; if none does, it is reported elsewhere. */
function cycleFinding(nodes: readonly Node[], found: readonly number[], concerns: (node: Node) => boolean): Finding[] {
  const from = found.findIndex((at) => nodes[at] !== undefined && concerns(nodes[at]));
  if (from < 0) return [];
  const cycle = [...found.slice(from), ...found.slice(0, from)];
  const members = cycle.flatMap((at) => nodes[at] ?? []);
  const [first] = members;
  const step = first?.requirements.find(({ node }) => node === (cycle[1] ?? cycle[0]));
  // A claimed task can still be completed, which frees the others. If it is released, they wait forever.
  const isDeadlock = members.every(({ entry }) => entry.state === 'ready');
  return [
    {
      code: 'dependency-cycle',
      severity: isDeadlock ? 'error' : 'warning',
      message: `the tasks wait for each other: ${pathOf(nodes, cycle)}`,
      hint: 'remove one of these dependencies',
      file: first?.entry.path ?? '',
      ...given({ line: step?.dependency.line }),
    },
  ];
}

/** The tasks of the cycle; with their projects if they are of several. */
function pathOf(nodes: readonly Node[], cycle: readonly number[]): string {
  const keys = cycle.flatMap((at) => nodes[at]?.entry.key ?? []);
  const isOne = keys.every(({ project }) => project === keys[0]?.project);
  const ids = [...keys, ...keys.slice(0, 1)].map((key) => (isOne ? key.id : formatKey(key)));
  if (ids.length <= 21) return ids.join(' -> ');
  return [...ids.slice(0, 10), `... ${ids.length - 20} more ...`, ...ids.slice(-10)].join(' -> ');
}

/**
 * Tasks of the ready folder that nobody can ever claim until somebody fixes something, each with the first thing to
 * fix. A claimed task is not a reason: it may still be completed.
 */
function neverClaimable(
  state: QueueState,
  nodes: readonly Node[],
  cycles: readonly (readonly number[])[],
  concerns: (node: Node) => boolean,
): Finding[] {
  const edges = edgesOf(nodes, ({ entry }) => entry.state === 'ready');
  const cycleOf = new Map(cycles.flatMap((cycle) => cycle.map((at) => [at, cycle] as const)));
  const blockerOf = ownBlocker(state);
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
      if (
        !concerns(node) ||
        node.places.length > 1 ||
        node.entry.state !== 'ready' ||
        node.entry.reading.kind !== 'read' ||
        isCancelled(node.entry.reading.task)
      )
        continue;
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
  return { root: { key: node.entry.key, severity, words, hint }, words, line };
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
  const name = requiredId(root.key, node.entry.key.project);
  const words =
    requirement.id === name
      ? `waits for ${name}, which ${root.words}`
      : `waits in vain for ${requirement.id}: ${name} ${root.words}`;
  return { root, words, line: requirement.dependency.line };
}
