import { taskLines } from '../../output/task-lines.ts';
import type { AskResult } from './result.ts';

/** One line with the task. */
export function render(asked: AskResult): string {
  return taskLines([asked]);
}
