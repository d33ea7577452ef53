import type { Place, TaskLine } from '../../command/answers.ts';

export interface AnswerResult extends Place, TaskLine {
  readonly commit: string | null;
  /** Who answers. */
  readonly agent: string;
  /** The answer as it is in the file now. */
  readonly answer: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}
