import type { TaskEvent } from '../past/task-event.ts';
import { compareNatural } from '../queue/ordering.ts';

/** What happened in a queue in a period, counted. */
export interface Figures {
  readonly claims: number;
  readonly completions: number;
  readonly releases: number;
  readonly stalls: number;
  readonly renewals: number;
  /** Pushes that the claims took, of the claims whose commits say so: those of agentq. */
  readonly attempts: number;
  /** (attempts - successes) / attempts, over the same claims; undefined if there were none. */
  readonly conflictRate: number | undefined;
  /** How long (ms) the same claims took; undefined if there were none. */
  readonly latency: Latency | undefined;
  /** Completions per hour; undefined if no time has passed. */
  readonly tasksPerHour: number | undefined;
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Metrics {
  /** ms since the epoch; undefined: nothing happened, and no start was given. */
  readonly from: number | undefined;
  readonly to: number;
  readonly all: Figures;
  /** In natural order. Commits of older scripts that name no project are left out. */
  readonly projects: readonly (Figures & { readonly project: string })[];
  readonly agents: readonly (Figures & { readonly agent: string })[];
  /** How long (ms) each measured claim took, by project. */
  readonly waits: ReadonlyMap<string, readonly number[]>;
}

/** The period to look at; ms since the epoch. */
export interface Window {
  /** undefined: since the first event. */
  readonly from: number | undefined;
  readonly to: number;
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
  let first: number | undefined;
  for (const event of events) {
    if (event.at > window.to || event.at < (window.from ?? event.at)) continue;
    if (project !== undefined && event.project !== project) continue;
    first = Math.min(first ?? event.at, event.at);
    all.add(event);
    if (event.project !== undefined) tallyOf(projects, event.project).add(event);
    tallyOf(agents, whoseItIs(event, owners)).add(event);
  }
  const from = window.from ?? first;
  const hours = from === undefined ? 0 : (window.to - from) / 3_600_000;
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

/** The smallest value that this share (0 to 1) of all values does not exceed: nearest rank. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sortedValues = [...values].sort((a, b) => a - b);
  return sortedValues[Math.max(0, Math.ceil(share * sortedValues.length) - 1)];
}

class Tally {
  readonly waits: number[] = [];
  readonly #counts = { claims: 0, completions: 0, releases: 0, stalls: 0, renewals: 0 };
  #attempts = 0;
  #measured = 0;

  /** Whether it did or lost anything that agents do; an orchestrator does not. */
  get isAgent(): boolean {
    return Object.values(this.#counts).some((count) => count > 0);
  }

  add({ kind, attempts, waitedMs }: TaskEvent): void {
    const name = COUNT_OF[kind];
    if (name === undefined) return;
    this.#counts[name]++;
    if (name !== 'claims') return;
    if (waitedMs !== undefined) this.waits.push(waitedMs);
    if (attempts === undefined || attempts === 0) return;
    this.#attempts += attempts;
    this.#measured++;
  }

  figures(hours: number): Figures {
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(this.waits, share));
    const isKnown = p50 !== undefined && p95 !== undefined && p99 !== undefined;
    return {
      ...this.#counts,
      attempts: this.#attempts,
      conflictRate: this.#attempts === 0 ? undefined : (this.#attempts - this.#measured) / this.#attempts,
      latency: isKnown ? { p50, p95, p99 } : undefined,
      tasksPerHour: hours <= 0 ? undefined : this.#counts.completions / hours,
    };
  }
}

const COUNT_OF: Readonly<
  Partial<Record<TaskEvent['kind'], 'claims' | 'completions' | 'releases' | 'stalls' | 'renewals'>>
> = {
  'task.claimed': 'claims',
  'task.completed': 'completions',
  'task.released': 'releases',
  'task.stalled': 'stalls',
  'task.renewed': 'renewals',
};

/** A stalled task counts for the agent that had it: the commit only says who took it back. */
function whoseItIs({ kind, agent, project, task }: TaskEvent, owners: Map<string, string>): string {
  const name = `${project ?? ''}/${task ?? ''}`;
  if (kind === 'task.claimed') owners.set(name, agent);
  return kind === 'task.stalled' ? (owners.get(name) ?? agent) : agent;
}

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
