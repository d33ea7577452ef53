import type { Place, TaskDetails, TaskLine } from '../../command/answers.ts';

export interface ClaimResult extends Place, TaskLine, Partial<TaskDetails> {
  readonly priority: number;
  readonly type: string | null;
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
  /** Only if the stalled claim of this agent was taken for it. */
  readonly takenFrom?: { readonly agent: string | null; readonly silentMs: number; readonly stalls: number };
  /** Only on a dry run, which claimed nothing. */
  readonly dryRun?: true;
}
