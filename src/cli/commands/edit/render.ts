import { taskLines } from '../../output/task-lines.ts';
import type { EditResult } from './result.ts';

/** One line per task. */
export function render({ tasks }: EditResult): string {
  return taskLines(tasks);
}
