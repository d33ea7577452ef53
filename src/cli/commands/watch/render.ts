import { EXIT_CODES } from '../../output/exit-codes.ts';
import type { WatchResult } from './result.ts';

/** Nothing: each event was printed as it happened. */
export function render(): string {
  return '';
}

/** None: with `--json` each event was a document of its own. */
export function toDocument(): undefined {
  return undefined;
}

/** That of a failed command, if any has failed for good. */
export function exitCode({ failed }: WatchResult): number {
  return failed === 0 ? 0 : EXIT_CODES['command-failed'];
}
