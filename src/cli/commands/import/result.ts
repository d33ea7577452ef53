import type { Place, TaskLine } from '../../command/answers.ts';

export interface ImportResult extends Place {
  /** null for a dry run, and if nothing had to change. */
  readonly commit: string | null;
  readonly agent: string;
  readonly tracker: string;
  /** In the order of the input. */
  readonly tasks: readonly ImportedLine[];
  /** Entries of the input that do not become tasks, and why. */
  readonly leftOut: readonly RemarkLine[];
  /** Parts of tasks that are dropped or changed on the way. */
  readonly dropped: readonly RemarkLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only on a dry run, which changed nothing. */
  readonly dryRun?: true;
}

export interface ImportedLine extends TaskLine {
  readonly status: string;
  /** Its name in later imports: `github#12`. */
  readonly ref: string | null;
  /** `kept`: it was there, and somebody works on it or has completed it, so that it stays as it is. */
  readonly change: 'added' | 'updated' | 'same' | 'kept';
}

export interface RemarkLine {
  /** `file:line`. */
  readonly place: string;
  /** What the tracker calls the task. */
  readonly name: string;
  readonly reason: string;
}
