import type { Place, TaskLine } from '../../command/answers.ts';

export interface CancelResult extends Place {
  /** null if they were cancelled before. */
  readonly commit: string | null;
  /** Who cancelled them. */
  readonly agent: string;
  readonly reason: string;
  /** Those that were named. */
  readonly tasks: readonly TaskLine[];
  /** Those that were cancelled because they require one of these. */
  readonly cascaded: readonly TaskLine[];
  /** Those that no longer require one of these. */
  readonly detached: readonly TaskLine[];
  /** Those that wait for nothing more now. */
  readonly unblocked: readonly TaskLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}
