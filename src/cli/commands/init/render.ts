import { sanitizeLine } from '../../output/sanitize.ts';
import type { InitResult } from './result.ts';

/** The files that were written, one per line: those of the queue's branch, then those of the default branch. */
export function render({ created, overwritten, workflows }: InitResult): string {
  const paths = [...created, ...overwritten, ...(workflows?.created ?? []), ...(workflows?.overwritten ?? [])];
  return paths.map((path) => `${sanitizeLine(path)}\n`).join('');
}
