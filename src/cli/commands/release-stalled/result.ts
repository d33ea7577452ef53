import type { Place, TaskLine } from '../../command/answers.ts';

/** A task that was taken from a silent agent. */
export interface ReleasedTask extends TaskLine {
  /** The agent that held it; null if the file does not say. */
  readonly agent: string | null;
  readonly silentMs: number | null;
  /** How often it was given back as stalled, including this time. */
  readonly stalls: number;
  /** Whether it is blocked now. */
  readonly blocked: boolean;
}

export interface ReleaseStalledResult extends Place {
  /** null if there was nothing to do, and for a dry run. */
  readonly commit: string | null;
  readonly olderThanMs: number;
  readonly tasks: readonly ReleasedTask[];
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only on a dry run, which released nothing. */
  readonly dryRun?: true;
}
