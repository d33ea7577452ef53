import type { Place, TaskLine } from '../../command/answers.ts';

export interface AddResult extends Place {
  /** null for a dry run. */
  readonly commit: string | null;
  readonly agent: string;
  /** In the order of the input. */
  readonly tasks: readonly (TaskLine & { readonly status: string })[];
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only on a dry run, which added nothing. */
  readonly dryRun?: true;
}
