import type { Place } from '../../command/answers.ts';

export interface BranchResult extends Place {
  readonly project: string;
  readonly from: string;
  readonly to: string;
  readonly outcome: 'moved' | 'unchanged';
  /** Where the main branch is now; null if it did not move, and for a dry run. */
  readonly commit: string | null;
  /** Whether the branch was made for this. */
  readonly created: boolean;
  /** How many tasks the project has there. */
  readonly tasks: number;
  readonly elapsedMs: number;
  /** Only on a dry run, which changed nothing. */
  readonly dryRun?: true;
}
