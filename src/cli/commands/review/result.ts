import type { Place, TaskLine } from '../../command/answers.ts';

export interface ReviewResult extends Place, TaskLine {
  /** null if it was in review before, with this pull request. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly prUrl: string | null;
  readonly reviewSince: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}
