import { taskLines } from '../../output/task-lines.ts';
import type { ClaimResult } from './result.ts';

/** The task, on a line. */
export function render(claimed: ClaimResult): string {
  return taskLines([claimed]);
}
