import { sanitizeLine } from '../../output/sanitize.ts';
import type { InitResult } from './result.ts';

/** The files that were written, one per line: those of the queue's branch, then those of the default branch. */
export function render({ workflows, ...queue }: InitResult): string {
  const paths = [queue, ...(workflows === null ? [] : [workflows])].flatMap((written) => [
    ...written.created,
    ...written.overwritten,
    ...written.updated,
  ]);
  return paths.map((path) => `${sanitizeLine(path)}\n`).join('');
}
