import type { TaskCounts } from '../../../../domain/figures/queue-stats.ts';

/** What can be done with the open tasks, in words: `3 ready, 1 in progress`; empty if there are none. */
export function countsText(counts: TaskCounts): string {
  const { ready, inProgress, review, waiting, held, due, asking, blocked, stalled } = counts;
  const parts: readonly (readonly [number, string])[] = [
    [ready, 'ready'],
    [inProgress, 'in progress'],
    [review, 'in review'],
    [waiting + held + due, 'waiting'],
    [asking, 'asking'],
    [blocked, 'blocked'],
    [stalled, 'stalled'],
  ];
  return parts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ');
}
