import type { Place } from '../../command/answers.ts';

/** A task that a worker has worked on. */
export interface WorkedTask {
  readonly agent: string;
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly claimId: string;
  readonly outcome: 'completed' | 'failed' | 'blocked' | 'lost' | 'interrupted' | 'no-room' | 'deferred' | 'unsettled';
  readonly reason: string | null;
  /** null if a signal ended the command, or if it was never started. */
  readonly exitCode: number | null;
  readonly attempts: number;
  /** How often workers have failed at the task; null unless this was one of them. */
  readonly failures: number | null;
  readonly elapsedMs: number;
  readonly commit: string | null;
  readonly unblocked: readonly string[];
  /** A worktree that was kept. */
  readonly worktree: string | null;
  /** A branch with commits of the task. */
  readonly branch: string | null;
  readonly log: string | null;
}

/** What `agentq work` did. */
export interface WorkResult extends Place {
  readonly agents: readonly string[];
  readonly completed: number;
  readonly failed: number;
  readonly lost: number;
  readonly givenBack: number;
  /** Tasks that the command put off (exit 75), and that were not done later. */
  readonly deferred: number;
  readonly once: boolean;
  readonly tasks: readonly WorkedTask[];
  readonly elapsedMs: number;
}
