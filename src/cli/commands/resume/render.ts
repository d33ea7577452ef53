import { sanitizeLine } from '../../output/sanitize.ts';
import type { ResumeResult } from './result.ts';

/** One line: the project, or `*` for the whole queue. */
export function render({ project }: ResumeResult): string {
  return `${sanitizeLine(project ?? '*')}\n`;
}
