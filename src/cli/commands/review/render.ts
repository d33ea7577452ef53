import { taskLines } from '../../output/task-lines.ts';
import type { ReviewResult } from './result.ts';

/** The task. */
export function render(reviewed: ReviewResult): string {
  return taskLines([reviewed]);
}
