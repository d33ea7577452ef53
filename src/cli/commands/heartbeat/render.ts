import { taskLines } from '../../output/task-lines.ts';
import type { HeartbeatResult } from './result.ts';

/** One line with the task. */
export function render(renewed: HeartbeatResult): string {
  return taskLines([renewed]);
}
