import type { GitResult } from './git-client.ts';
import type { PushOutcome } from './push-outcome.ts';

/** What a push came to, by exit code and report (DESIGN 4). Pure. */
export function classifyPush(_result: GitResult): PushOutcome {
  throw new Error('not built yet');
}
