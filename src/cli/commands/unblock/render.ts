import { taskLines } from '../../output/task-lines.ts';
import type { UnblockResult } from './result.ts';

/** One line per task. */
export function render({ tasks }: UnblockResult): string {
  return taskLines(tasks);
}
