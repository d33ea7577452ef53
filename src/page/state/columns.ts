import type { BoardCounts, BoardTask } from '../../domain/dashboard/board.ts';
import type { TaskCondition } from '../../domain/queue/task.ts';

export const COLUMNS: readonly TaskCondition[] = [
  ...(['ready', 'waiting', 'asking', 'claimed', 'review', 'completed', 'blocked', 'cancelled'] as const),
];

/** The tasks by state, in their order; of those that are held, the ones that stalled come first. */
export function columnsOf(tasks: readonly BoardTask[]): Readonly<Record<TaskCondition, readonly BoardTask[]>> {
  const columns: Record<TaskCondition, BoardTask[]> = {
    ready: [],
    waiting: [],
    asking: [],
    claimed: [],
    review: [],
    completed: [],
    blocked: [],
    cancelled: [],
  };
  for (const task of tasks) columns[task.state].push(task);
  const rank = ({ isStalled }: BoardTask): number => (isStalled ? 0 : 1);
  for (const state of ['claimed', 'review'] as const) columns[state].sort((a, b) => rank(a) - rank(b));
  return columns;
}

/** The first of these states that a task is in; the first of all if there are no tasks. */
export function firstWithTasks(
  columns: Readonly<Record<TaskCondition, readonly BoardTask[]>>,
  states: readonly TaskCondition[],
): TaskCondition {
  return states.find((state) => columns[state].length > 0) ?? states[0] ?? 'ready';
}

/**
 * Parts of the bar of progress, from what is done to what cannot go on. Together they are all that is not cancelled.
 */
export function progressOf(counts: BoardCounts): readonly { readonly state: TaskCondition; readonly count: number }[] {
  const { completed, review, inProgress, ready, waiting, held, asking, blocked, total, cancelled } = counts;
  const parts: { state: TaskCondition; count: number }[] = [
    { state: 'completed', count: completed },
    { state: 'review', count: review },
    { state: 'claimed', count: inProgress },
    { state: 'ready', count: ready },
    { state: 'waiting', count: waiting + held },
    { state: 'asking', count: asking },
    { state: 'blocked', count: blocked },
  ];
  // What cannot be read, is in two folders, or is due to be opened is in no column of its own.
  const rest = total - cancelled - parts.reduce((sum, { count }) => sum + count, 0);
  return parts.map((part) => (part.state === 'blocked' ? { ...part, count: part.count + Math.max(0, rest) } : part));
}

/** Why nothing can be claimed, in words; undefined if something can, or if nothing is open. */
export function nothingToClaim(counts: BoardCounts, isPaused: boolean): string | undefined {
  const { ready, waiting, held, asking, blocked, inProgress, review, total, completed, cancelled } = counts;
  if (total === 0) return 'Nothing to claim: there are no tasks yet.';
  if (total === completed + cancelled) return 'Nothing to claim: everything is done.';
  if (ready > 0) return isPaused ? 'Nothing to claim: the queue is paused.' : undefined;
  const reasons = [
    waiting > 0 && `${waiting} ${waiting === 1 ? 'waits' : 'wait'} for other tasks`,
    held > 0 && `${held} held back for a batch`,
    asking > 0 && `${asking} ${asking === 1 ? 'asks' : 'ask'} a person`,
    blocked > 0 && `${blocked} blocked`,
    inProgress + review > 0 && `${inProgress + review} in progress`,
  ].filter((reason) => reason !== false);
  return `Nothing to claim: ${reasons.join(', ')}.`;
}
