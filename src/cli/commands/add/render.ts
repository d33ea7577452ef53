import { taskLines } from '../../output/task-lines.ts';
import type { AddResult } from './result.ts';

/** One line per task. */
export function render({ tasks }: AddResult): string {
  return taskLines(tasks);
}
