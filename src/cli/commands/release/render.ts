import { taskLines } from '../../output/task-lines.ts';
import type { ReleaseResult } from './result.ts';

/** The task, on a line. */
export function render(released: ReleaseResult): string {
  return taskLines([released]);
}
