import { sanitizeLine } from '../../output/sanitize.ts';
import type { InitResult } from './result.ts';

/** The files that were written, one per line. */
export function render({ created, overwritten }: InitResult): string {
  return [...created, ...overwritten].map((path) => `${sanitizeLine(path)}\n`).join('');
}
