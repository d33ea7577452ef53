import type { Place } from '../../command/answers.ts';

export interface ReleaseResult extends Place {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly path: string;
  readonly commit: string | null;
  readonly agent: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}
