import type { TaskEvent } from '../past/task-event.ts';

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

/** The smallest value that this share (0 to 1) of all values does not exceed: nearest rank. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sortedValues = [...values].sort((a, b) => a - b);
  return sortedValues[Math.max(0, Math.ceil(share * sortedValues.length) - 1)];
}

/** How long tasks take: from a claim to the end of the work on it. It is asked about each event, the oldest first. */
export class WorkTimes {
  readonly #claimedAt = new Map<string, number>();

  /** The length (ms) of the work that the event ends; undefined if it ends none, or none that is known. */
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

/** Counts events. */
export class Tally {
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

  /** @param took how long (ms) the work took that it ends, as {@link WorkTimes} tells */
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

  /** @param hours that the queue was there */
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

/** A share as answers have it, rounded: more digits would be noise. null: there is none. */
export function rateShown(share: number | undefined): number | null {
  return share === undefined ? null : Number(share.toFixed(4));
}

/** Tasks per hour as answers have them. */
export function perHourShown(tasks: number | undefined): number | null {
  return tasks === undefined ? null : Number(tasks.toFixed(2));
}
