import type { TaskEvent } from '../past/task-event.ts';
import { compareNatural } from '../queue/ordering.ts';
import { type Figures, Tally, WorkTimes } from './tally.ts';

export interface Metrics {
  /** ms since the epoch; undefined: nothing happened, and no start was given. */
  readonly from: number | undefined;
  readonly to: number;
  readonly all: Figures;
  /** In natural order. Commits of older scripts that name no project are left out. */
  readonly projects: readonly (Figures & { readonly project: string })[];
  /** What they did. A stall of a task that nobody is known to have had is only in the other counts. */
  readonly agents: readonly (Figures & { readonly agent: string })[];
  /** How long (ms) each measured claim took, by project. */
  readonly waits: ReadonlyMap<string, readonly number[]>;
}

/** The period to look at; ms since the epoch. */
export interface Window {
  /** undefined: since the first event. */
  readonly from: number | undefined;
  readonly to: number;
  /**
   * Whether the queue was there before the window. If not, its hours are counted from its first event: a day's window
   * says nothing about a queue that is an hour old. Absent: it was.
   */
  readonly queue?: 'older' | 'younger';
}

/**
 * Counts what happened in the period.
 * @param events oldest first
 * @param project only this one
 */
export function measure(events: Iterable<TaskEvent>, window: Window, project?: string): Metrics {
  const all = new Tally();
  const projects = new Map<string, Tally>();
  const agents = new Map<string, Tally>();
  const owners = new Map<string, string>();
  const work = new WorkTimes();
  let first: number | undefined;
  for (const event of events) {
    if (event.at > window.to || event.at < (window.from ?? event.at)) continue;
    if (project !== undefined && event.project !== project) continue;
    first = Math.min(first ?? event.at, event.at);
    const took = work.of(event);
    all.add(event, took);
    if (event.project !== undefined) tallyOf(projects, event.project).add(event, took);
    const agent = whoseItIs(event, owners);
    if (agent !== undefined) tallyOf(agents, agent).add(event, took);
  }
  const from = window.from ?? first;
  const began = window.queue === 'younger' ? (first ?? from) : from;
  const hours = began === undefined ? 0 : (window.to - began) / 3_600_000;
  return {
    from,
    to: window.to,
    all: all.figures(hours),
    projects: sorted(projects).map(([name, tally]) => ({ project: name, ...tally.figures(hours) })),
    agents: sorted(agents)
      .filter(([, tally]) => tally.isAgent)
      .map(([agent, tally]) => ({ agent, ...tally.figures(hours) })),
    waits: new Map(sorted(projects).map(([name, tally]) => [name, tally.waits])),
  };
}

/** The figures of an agent that did nothing in the period. */
export const NO_FIGURES: Figures = new Tally().figures(0);

/**
 * A stalled task counts for the agent that had it: the commit only says who took it back.
 * @returns undefined if nothing in the period says who had it
 */
function whoseItIs({ kind, agent, project, task }: TaskEvent, owners: Map<string, string>): string | undefined {
  const name = `${project ?? ''}/${task ?? ''}`;
  const owner = owners.get(name);
  if (kind === 'task.claimed' || kind === 'task.taken') owners.set(name, agent);
  else if (kind === 'task.renewed' && owner === undefined) owners.set(name, agent);
  else if (ENDS.has(kind)) owners.delete(name);
  return kind === 'task.stalled' ? owner : agent;
}

/** After these, nobody has the task. */
const ENDS: ReadonlySet<TaskEvent['kind']> = new Set([
  'task.completed',
  'task.released',
  'task.asked',
  'task.stalled',
] as const);

function tallyOf(tallies: Map<string, Tally>, name: string): Tally {
  const known = tallies.get(name);
  if (known !== undefined) return known;
  const tally = new Tally();
  tallies.set(name, tally);
  return tally;
}

function sorted(tallies: ReadonlyMap<string, Tally>): [string, Tally][] {
  return [...tallies].sort(([a], [b]) => compareNatural(a, b));
}
