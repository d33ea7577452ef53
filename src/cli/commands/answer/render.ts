import { taskLines } from '../../output/task-lines.ts';
import type { AnswerResult } from './result.ts';

/** One line with the task. */
export function render(answered: AnswerResult): string {
  return taskLines([answered]);
}
