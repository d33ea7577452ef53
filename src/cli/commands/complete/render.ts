import { taskLines } from '../../output/task-lines.ts';
import type { CompleteResult } from './result.ts';

/** The task, then the tasks that it unblocked, one line each. */
export function render(completed: CompleteResult): string {
  return taskLines([completed, ...completed.unblocked]);
}
