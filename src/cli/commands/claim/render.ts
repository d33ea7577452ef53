import { taskLines } from '../../output/task-lines.ts';
import type { ClaimResult } from './result.ts';

/** One line with the task. */
export function render(claimed: ClaimResult): string {
  return taskLines([claimed]);
}
