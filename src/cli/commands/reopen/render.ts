import { taskLines } from '../../output/task-lines.ts';
import type { ReopenResult } from './result.ts';

/** One line per task. */
export function render({ tasks }: ReopenResult): string {
  return taskLines(tasks);
}
