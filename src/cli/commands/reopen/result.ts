import type { Place, TaskLine } from '../../command/answers.ts';

export interface ReopenResult extends Place {
  /** null if they were open before. */
  readonly commit: string | null;
  /** Who reopened them. */
  readonly agent: string;
  /** Those that were named. */
  readonly tasks: readonly TaskLine[];
  /** Those that the completion had made ready, and that wait again. */
  readonly waiting: readonly TaskLine[];
  /** Those that require one of these and are claimed or completed: they stay as they are. */
  readonly untouched: readonly TaskLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}
