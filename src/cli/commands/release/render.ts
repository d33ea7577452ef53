import { taskLines } from '../../output/task-lines.ts';
import type { ReleaseResult } from './result.ts';

/** One line with the task. */
export function render(released: ReleaseResult): string {
  return taskLines([released]);
}
