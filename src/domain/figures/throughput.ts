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

/**
 * How long (ms) the open tasks take at the present rate.
 * @param perHour completions
 * @returns undefined if nothing is completed
 */
export function timeLeft(open: number, perHour: number | undefined): number | undefined {
  if (open === 0) return 0;
  return perHour === undefined || perHour <= 0 ? undefined : (open / perHour) * 3_600_000;
}
