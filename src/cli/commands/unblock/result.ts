import type { Place, TaskLine } from '../../command/answers.ts';

export interface UnblockResult extends Place {
  /** null if there was nothing to do. */
  readonly commit: string | null;
  readonly tasks: readonly TaskLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}
