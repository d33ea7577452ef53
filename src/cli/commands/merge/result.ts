import type { Place } from '../../command/answers.ts';

export interface MergeResult extends Place {
  /** Where the main branch is now; null if it did not move, and for a dry run. */
  readonly commit: string | null;
  readonly branches: readonly MergedLine[];
  readonly elapsedMs: number;
  /** Only on a dry run, which changed nothing. */
  readonly dryRun?: true;
}

export interface MergedLine {
  readonly branch: string;
  readonly projects: readonly string[];
  /** `merged`: one of the two, or both, got something from the other. */
  readonly outcome: 'merged' | 'unchanged';
  /** The commit that merged it into the main branch; null: it had nothing new. */
  readonly commit: string | null;
  /** Its own new commit, with what the main branch had for it; null: there was nothing. */
  readonly ownCommit: string | null;
  /** Tasks that were only on a branch where their project does not live, and are now where it does. */
  readonly moved: readonly string[];
  /** Tasks whose copy was changed where their project does not live: the change was not taken over. */
  readonly overruled: readonly string[];
}
