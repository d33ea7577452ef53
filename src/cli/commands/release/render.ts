import { sanitizeLine } from '../../output/sanitize.ts';
import { taskLines } from '../../output/task-lines.ts';
import type { ReleaseMineResult, ReleaseResult } from './result.ts';

/** One line with each task that was given back; for a hook, what the user of the tool is to read. */
export function render(released: ReleaseResult | ReleaseMineResult): string {
  if (!('released' in released)) return taskLines([released]);
  const { as, message } = released.presentation;
  if (as === 'lines') return taskLines(released.released);
  return message === undefined ? '' : `${JSON.stringify({ systemMessage: sanitizeLine(message) })}\n`;
}
