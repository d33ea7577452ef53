import { taskLines } from '../../output/task-lines.ts';
import type { TakeResult } from './result.ts';

/** One line with the task. */
export function render(taken: TakeResult): string {
  return taskLines([taken]);
}
