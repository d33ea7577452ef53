import { taskLines } from '../../output/task-lines.ts';
import type { ReleaseStalledResult } from './result.ts';

/** The tasks, a line each. */
export function render({ tasks }: ReleaseStalledResult): string {
  return taskLines(tasks);
}
