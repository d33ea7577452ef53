import { taskLines } from '../../output/task-lines.ts';
import type { CancelResult } from './result.ts';

/** One line per cancelled task, those that were named first. */
export function render({ tasks, cascaded }: CancelResult): string {
  return taskLines([...tasks, ...cascaded]);
}
