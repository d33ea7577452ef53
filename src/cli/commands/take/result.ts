import type { Place, TaskDetails, TaskLine } from '../../command/answers.ts';

/** As the result of `claim`. */
export interface TakeResult extends Place, TaskLine, Partial<TaskDetails> {
  readonly priority: number;
  readonly type: string | null;
  readonly commit: string | null;
  readonly claimId: string;
  readonly agent: string;
  /** Who held the task before. */
  readonly from: string;
  readonly claimedAt: string;
  readonly attempts: number;
  readonly rejectedPushes: number;
  /** Base of the backoff (ms), adapted to the recent rate of rejected pushes to this queue. */
  readonly backoffBaseMs: number;
  readonly elapsedMs: number;
}
