import { taskLines } from '../../output/task-lines.ts';
import type { ReleaseStalledResult } from './result.ts';

/** One line per task. */
export function render({ tasks }: ReleaseStalledResult): string {
  return taskLines(tasks);
}
