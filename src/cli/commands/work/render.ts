import { EXIT_CODES } from '../../output/exit-codes.ts';
import type { WorkResult } from './result.ts';

/** Nothing: each task was told when it was done. */
export function render(): string {
  return '';
}

/** A lost claim is nobody's failure, unless it was all that there was to do. */
export function exitCode({ failed, lost, completed, once }: WorkResult): number {
  if (failed > 0) return EXIT_CODES['command-failed'];
  return lost > 0 && (once || completed === 0) ? EXIT_CODES['claim-lost'] : 0;
}
