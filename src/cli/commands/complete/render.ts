import { taskLines } from '../../output/task-lines.ts';
import type { CompleteResult } from './result.ts';

/** The task, and then those that it has opened, a line each. */
export function render(completed: CompleteResult): string {
  return taskLines([completed, ...completed.unblocked]);
}
