import { sanitizeLine } from '../../output/sanitize.ts';
import type { MergeResult } from './result.ts';

/** One line per branch that was merged. */
export function render({ branches }: MergeResult): string {
  const merged = branches.filter(({ outcome }) => outcome === 'merged');
  return merged.map(({ branch }) => `${sanitizeLine(branch)}\n`).join('');
}
