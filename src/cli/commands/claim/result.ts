import type { Place } from '../../command/answers.ts';

export interface ClaimResult extends Place {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly priority: number;
  readonly type: string | null;
  readonly path: string;
  /** null for a dry run. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly claimedAt: string | null;
  readonly attempts: number;
  readonly rejectedPushes: number;
  /** Base of the backoff (ms), adapted to the recent rate of rejected pushes to this queue. */
  readonly backoffBaseMs: number;
  readonly elapsedMs: number;
  /** Only on a dry run, which claimed nothing. */
  readonly dryRun?: true;
}
