import type { TaskEvent } from '../past/task-event.ts';
import { compareNatural } from '../queue/ordering.ts';

/** What happened in a queue in a period, counted. */
export interface Figures {
  readonly claims: number;
  readonly completions: number;
  readonly releases: number;
  readonly stalls: number;
  readonly renewals: number;
  /** Times that a worker's command failed. */
  readonly failures: number;
  /** Times that work was done and waited to be merged. */
  readonly reviews: number;
  /** How long (ms) tasks took, from the claim to the completion or the review; undefined if none is known. */
  readonly duration: Pick<Latency, 'p50' | 'p95'> | undefined;
  /** The mean (ms) of the same times. */
  readonly meanDuration: number | undefined;
  /** What the commands said that their work cost; undefined if none said so. */
  readonly costUsd: number | undefined;
  readonly tokens: number | undefined;
  /** Pushes that the claims took, of the claims whose commits say so: those of agentq. */
  readonly attempts: number;
  /** (attempts - successes) / attempts, over the same claims; undefined if there were none. */
  readonly conflictRate: number | undefined;
  /** How long (ms) the same claims took; undefined if there were none. */
  readonly latency: Latency | undefined;
  /** Completions per hour that the queue was there; undefined if no time has passed. */
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
  /**
   * Whether the queue was there before the window. If not, its hours are counted from its first event: a day's window says
   * nothing of a queue that is an hour old. Absent: it was.
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
    tallyOf(agents, whoseItIs(event, owners)).add(event, took);
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

/** The smallest value that this share (0 to 1) of all values does not exceed: nearest rank. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sortedValues = [...values].sort((a, b) => a - b);
  return sortedValues[Math.max(0, Math.ceil(share * sortedValues.length) - 1)];
}

/** How long tasks take: from a claim to the end of the work on it. */
class WorkTimes {
  readonly #claimedAt = new Map<string, number>();

  /** The time (ms) that the event ends; undefined if it ends none that is known. */
  of({ kind, project, task, at }: TaskEvent): number | undefined {
    const name = `${project ?? ''}/${task ?? ''}`;
    if (kind === 'task.claimed' || kind === 'task.taken') this.#claimedAt.set(name, at);
    const isDone = kind === 'task.completed' || kind === 'task.review';
    if (!isDone && !GIVEN_BACK.has(kind)) return undefined;
    const since = this.#claimedAt.get(name);
    // A task in review is completed later, by the merge: that time is nobody's work.
    this.#claimedAt.delete(name);
    return isDone && since !== undefined ? Math.max(0, at - since) : undefined;
  }
}

/** Ends of work that leave it to be done. */
const GIVEN_BACK: ReadonlySet<TaskEvent['kind']> = new Set(['task.released', 'task.asked', 'task.stalled']);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

class Tally {
  readonly waits: number[] = [];
  readonly #durations: number[] = [];
  #failures = 0;
  #costUsd: number | undefined;
  #tokens: number | undefined;
  readonly #counts = { claims: 0, completions: 0, releases: 0, stalls: 0, renewals: 0, reviews: 0 };
  #attempts = 0;
  #measured = 0;

  /** Whether it did or lost anything that agents do; an orchestrator does not. */
  get isAgent(): boolean {
    return Object.values(this.#counts).some((count) => count > 0);
  }

  add({ kind, attempts, waitedMs, failures, costUsd, tokens }: TaskEvent, took: number | undefined): void {
    if (took !== undefined) this.#durations.push(took);
    if (kind === 'task.released' && failures !== undefined) this.#failures++;
    if (costUsd !== undefined) this.#costUsd = (this.#costUsd ?? 0) + costUsd;
    if (tokens !== undefined) this.#tokens = (this.#tokens ?? 0) + tokens;
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
    const [median, longest] = [0.5, 0.95].map((share) => percentile(this.#durations, share));
    return {
      ...this.#counts,
      failures: this.#failures,
      duration: median === undefined || longest === undefined ? undefined : { p50: median, p95: longest },
      meanDuration: median === undefined ? undefined : mean(this.#durations),
      costUsd: this.#costUsd,
      tokens: this.#tokens,
      attempts: this.#attempts,
      conflictRate: this.#attempts === 0 ? undefined : (this.#attempts - this.#measured) / this.#attempts,
      latency: isKnown ? { p50, p95, p99 } : undefined,
      tasksPerHour: hours <= 0 ? undefined : this.#counts.completions / hours,
    };
  }
}

/** The figures of an agent that did nothing in the period. */
export const NO_FIGURES: Figures = new Tally().figures(0);

const COUNT_OF: Readonly<
  Partial<Record<TaskEvent['kind'], 'claims' | 'completions' | 'releases' | 'stalls' | 'renewals' | 'reviews'>>
> = {
  'task.claimed': 'claims',
  'task.taken': 'claims',
  'task.completed': 'completions',
  'task.released': 'releases',
  'task.asked': 'releases',
  'task.stalled': 'stalls',
  'task.renewed': 'renewals',
  'task.review': 'reviews',
};

/** A stalled task counts for the agent that had it: the commit only says who took it back. */
function whoseItIs({ kind, agent, project, task }: TaskEvent, owners: Map<string, string>): string {
  const name = `${project ?? ''}/${task ?? ''}`;
  if (kind === 'task.claimed' || kind === 'task.taken') owners.set(name, agent);
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
