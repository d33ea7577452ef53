import { sanitizeLine } from '../../output/sanitize.ts';
import type { BranchResult } from './result.ts';

/** The branch on which the project lives. */
export function render({ to }: BranchResult): string {
  return `${sanitizeLine(to)}\n`;
}
