import { EXIT_CODES } from '../../output/exit-codes.ts';
import type { WorkResult } from './result.ts';

/** Nothing: each task was printed when it was done. */
export function render(): string {
  return '';
}

/** A lost claim is not a failure, unless there was nothing else to do. */
export function exitCode({ failed, lost, completed, once }: WorkResult): number {
  if (failed > 0) return EXIT_CODES['command-failed'];
  return lost > 0 && (once || completed === 0) ? EXIT_CODES['claim-lost'] : 0;
}
