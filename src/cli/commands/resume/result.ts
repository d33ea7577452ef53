import type { Place } from '../../command/answers.ts';

export interface ResumeResult extends Place {
  /** null if it was not paused. */
  readonly commit: string | null;
  /** null: the whole queue. */
  readonly project: string | null;
  /** Who resumed it. */
  readonly agent: string;
  /** The pauses that go on. */
  readonly stillPaused: readonly PauseView[];
  readonly attempts: number;
  readonly elapsedMs: number;
}

export interface PauseView {
  /** null: the whole queue. */
  readonly project: string | null;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}
