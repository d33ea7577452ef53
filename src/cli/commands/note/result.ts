import type { Place, TaskLine } from '../../command/answers.ts';

export interface NoteResult extends Place, TaskLine {
  readonly commit: string | null;
  /** Who says it. */
  readonly agent: string;
  /** The note as it is in the file now. */
  readonly note: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}
