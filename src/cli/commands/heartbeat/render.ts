import { taskLines } from '../../output/task-lines.ts';
import type { HeartbeatResult } from './result.ts';

/** The task, on a line. */
export function render(renewed: HeartbeatResult): string {
  return taskLines([renewed]);
}
