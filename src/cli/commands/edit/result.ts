import type { Place, TaskLine } from '../../command/answers.ts';

export interface EditResult extends Place {
  /** null if everything was already so. */
  readonly commit: string | null;
  /** Who edited. */
  readonly agent: string;
  readonly tasks: readonly EditedLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}

export type EditedLine = TaskLine & {
  /** Names of the fields that say something else now. */
  readonly changed: readonly string[];
};
