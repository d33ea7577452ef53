import type { Place, TaskLine } from '../../command/answers.ts';

/** A task that was taken from a silent agent. */
export interface ReleasedTask extends TaskLine {
  /** Who had it; null where its file does not say. */
  readonly agent: string | null;
  readonly silentMs: number | null;
  /** Stalled releases so far, this one included. */
  readonly stalls: number;
  /** Whether it is blocked now. */
  readonly blocked: boolean;
}

export interface ReleaseStalledResult extends Place {
  /** null where there was nothing to do, and for a dry run. */
  readonly commit: string | null;
  readonly olderThanMs: number;
  readonly tasks: readonly ReleasedTask[];
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only where it is one: nothing was released then. */
  readonly dryRun?: true;
}
