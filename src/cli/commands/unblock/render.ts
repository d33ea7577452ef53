import { taskLines } from '../../output/task-lines.ts';
import type { UnblockResult } from './result.ts';

/** The tasks, a line each. */
export function render({ tasks }: UnblockResult): string {
  return taskLines(tasks);
}
