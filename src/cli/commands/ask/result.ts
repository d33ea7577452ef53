import type { Place, TaskLine } from '../../command/answers.ts';

export interface AskResult extends Place, TaskLine {
  readonly commit: string | null;
  /** Who asks. */
  readonly agent: string;
  /** The question as it is in the file now. */
  readonly question: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}
