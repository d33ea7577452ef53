import type { Place, TaskLine } from '../../command/answers.ts';

export interface CompleteResult extends Place, TaskLine {
  /** null if it was completed before. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly prUrl: string | null;
  readonly completedAt: string | null;
  /** Tasks that waited for it and are ready now. */
  readonly unblocked: readonly TaskLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}
