import type { Place, TaskLine } from '../../command/answers.ts';

export interface AddResult extends Place {
  /** null for a dry run. */
  readonly commit: string | null;
  /** Only if there is a commit on each of several branches; `branch` and `commit` are those of the first one then. */
  readonly commits?: readonly { readonly branch: string; readonly commit: string }[];
  readonly agent: string;
  /** In the order of the input. */
  readonly tasks: readonly AddedLine[];
  /** The task of each ref of the input, as `project/TASK-ID`. */
  readonly refs: Readonly<Record<string, string>>;
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only on a dry run, which added nothing. */
  readonly dryRun?: true;
}

export interface AddedLine extends TaskLine {
  readonly status: string;
  /** null if the input gives none. */
  readonly ref: string | null;
  /** `kept`: it was there, and somebody works on it or has completed it, so that it stays as it is. */
  readonly change: 'added' | 'updated' | 'same' | 'kept';
}
