import { taskLines } from '../../output/task-lines.ts';
import type { AddResult } from './result.ts';

/** The tasks, a line each. */
export function render({ tasks }: AddResult): string {
  return taskLines(tasks);
}
