import type { TaskEvent } from '../past/task-event.ts';

/** A period of time, in equal parts. Times are ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly parts: number;
}

/** How many tasks were completed in each part of the span, the oldest first. */
export function completionsIn(events: readonly TaskEvent[], { from, to, parts }: Span, project?: string): number[] {
  const counts = new Array<number>(parts).fill(0);
  const length = (to - from) / parts;
  for (const { kind, at, project: of } of events) {
    if (kind !== 'task.completed' || at < from || at > to || (project !== undefined && of !== project)) continue;
    const part = Math.min(parts - 1, Math.floor((at - from) / length));
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

/** The present pace is that of this time (ms) at most: of a whole day it would count the night. */
export const PACE_MS = 2 * 3_600_000;

/** How fast tasks are completed at present. */
export interface Pace {
  /** Above 0. */
  readonly perHour: number;
  /** The time (ms since the epoch) from which it is counted. */
  readonly from: number;
}

/** Less (ms) than this says nothing of an hour. */
const SHORTEST_MS = 60_000;

/** What shows that an agent has been at work on the task. */
const SIGNS_OF_WORK: ReadonlySet<TaskEvent['kind']> = new Set([
  ...(['task.claimed', 'task.taken', 'task.renewed', 'task.review', 'task.completed'] as const),
  ...(['task.released', 'task.stalled', 'task.asked'] as const),
]);

/**
 * Counts the pace over the last two hours of a window. If the work only began within them, it is counted from its first
 * claim: a pool that started ten minutes ago does not need twelve times as long.
 */
export class PaceCount {
  readonly #from: number;
  readonly #to: number;
  readonly #claimed = new Set<string>();
  #began: number | undefined;
  #completions = 0;

  constructor({ from, to }: { readonly from: number | undefined; readonly to: number }) {
    this.#from = Math.max(from ?? Number.NEGATIVE_INFINITY, to - PACE_MS);
    this.#to = to;
  }

  /** The oldest event comes first. */
  add({ kind, at, project, task }: TaskEvent): void {
    if (at < this.#from || at > this.#to || !SIGNS_OF_WORK.has(kind)) return;
    const name = `${project}/${task}`;
    if (kind === 'task.claimed' || kind === 'task.taken') this.#claimed.add(name);
    // The claim of what ends here was earlier.
    const since = this.#claimed.has(name) ? at : this.#from;
    this.#began = Math.min(this.#began ?? since, since);
    if (kind === 'task.completed') this.#completions += 1;
  }

  /** @returns undefined if nothing was completed */
  result(): Pace | undefined {
    if (this.#began === undefined || this.#completions === 0) return undefined;
    const tookMs = Math.max(SHORTEST_MS, this.#to - this.#began);
    return { perHour: this.#completions / (tookMs / 3_600_000), from: this.#began };
  }
}

/** The pace of one project, or of the whole queue. The oldest event comes first. */
export function paceOf(
  events: readonly TaskEvent[],
  window: { readonly from: number | undefined; readonly to: number },
  project?: string,
): Pace | undefined {
  const count = new PaceCount(window);
  for (const event of events) if (project === undefined || event.project === project) count.add(event);
  return count.result();
}

/**
 * How long (ms) the open tasks take at the present rate.
 * @param perHour completions
 * @returns undefined if nothing is completed
 */
export function timeLeft(open: number, perHour: number | undefined): number | undefined {
  if (open === 0) return 0;
  return perHour === undefined || perHour <= 0 ? undefined : (open / perHour) * 3_600_000;
}
