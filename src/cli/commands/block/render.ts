import { taskLines } from '../../output/task-lines.ts';
import type { BlockResult } from './result.ts';

/** One line per task. */
export function render({ tasks }: BlockResult): string {
  return taskLines(tasks);
}
