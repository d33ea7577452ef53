import type { Place, TaskLine } from '../../command/answers.ts';

export interface ReleaseResult extends Place, TaskLine {
  readonly commit: string | null;
  readonly agent: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}
