import { taskLines } from '../../output/task-lines.ts';
import type { NoteResult } from './result.ts';

/** One line with the task. */
export function render(noted: NoteResult): string {
  return taskLines([noted]);
}
