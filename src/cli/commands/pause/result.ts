import type { Place } from '../../command/answers.ts';

export interface PauseResult extends Place {
  /** null if it was paused for that reason before. */
  readonly commit: string | null;
  /** null: the whole queue. */
  readonly project: string | null;
  /** Who paused it. */
  readonly agent: string;
  readonly reason: string;
  /** Since when. */
  readonly at: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}
