import type { Place, TaskLine } from '../../command/answers.ts';

export interface ReleaseResult extends Place, TaskLine {
  readonly commit: string | null;
  readonly agent: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** The answer of `--mine`. */
export interface ReleaseMineResult extends Place {
  /** null: nobody has said who it is. */
  readonly agent: string | null;
  readonly released: readonly { readonly project: string; readonly task: string }[];
  /** With `--remind`, or if a hook failed: what is still held. */
  readonly held: readonly { readonly project: string; readonly task: string; readonly title: string | null }[];
  /** Why nothing was done; null: the remote was asked. */
  readonly skipped: 'worker' | 'nobody' | 'continues' | 'failed' | null;
  readonly presentation: { readonly as: 'lines' | 'hook'; readonly message: string | undefined };
}
