import { sanitizeLine } from '../../output/sanitize.ts';
import type { PauseResult } from './result.ts';

/** One line: the project, or `*` for the whole queue. */
export function render({ project }: PauseResult): string {
  return `${sanitizeLine(project ?? '*')}\n`;
}
