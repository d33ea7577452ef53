import type { Place, TaskLine } from '../../command/answers.ts';

export interface BlockResult extends Place {
  /** null if they were blocked for that reason before. */
  readonly commit: string | null;
  /** Who blocked them. */
  readonly agent: string;
  readonly reason: string;
  readonly tasks: readonly TaskLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}
