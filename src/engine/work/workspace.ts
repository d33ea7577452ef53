import type { Failure } from '../../domain/base/failure.ts';
import type { Content } from '../../domain/changing/content.ts';
import type { WorkReport } from '../../domain/intents/intent.ts';
import type { Job, Leftovers, TaskResult } from './job.ts';

/** Where the commands for tasks run. */
export interface Workspaces {
  /**
   * Makes what the command for a task needs: its file, perhaps a worktree.
   * @throws any error that prevents it; the task is given back then
   */
  open(job: Job): Promise<Workspace>;
}

/** Everything that was made for one task. */
export interface Workspace {
  /** Shell commands that must succeed too, in order, before the task counts as done. */
  readonly checks: readonly string[];
  /** What the task said when the workspace was made; absent: nobody compares it. */
  readonly content?: Content;
  /**
   * Reads the task again, and gives it to the command, in its file, and on stdin if it is started again.
   * @returns what the task says now; undefined: it cannot be told
   */
  refresh?(): Promise<Content | undefined>;
  /** Starts the command. `attempt` counts from 1. */
  start(attempt: number): RunningCommand;
  /** Starts one of the checks, in the same place and environment. */
  startCheck(check: string): RunningCommand;
  /**
   * What a success should have left and has not, as the rest of "it ..."; undefined: it is there, or nobody asks for it.
   */
  lacking(): Promise<string | undefined>;
  /** What the last run of the command has written into its result file. Never throws. */
  said(): Promise<CommandSaid>;
  /** Removes what is not needed any more; work that is nowhere else stays. Never throws. */
  clear(result: 'completed' | 'unfinished', end: TaskEnd): Promise<Leftovers>;
}

/** What a command says about its work, checked; what it does not say is absent. */
export interface CommandSaid extends WorkReport {
  readonly prUrl?: string;
  /** When a command that cannot work now wants to be tried again (ms since the epoch). */
  readonly retryAt?: number;
  /** What is wrong with the rest of its file, one line each. */
  readonly problems: readonly string[];
}

/** What became of a task, for its log. */
export type TaskEnd = Pick<TaskResult, 'outcome' | 'reason' | 'exitCode' | 'elapsedMs' | 'commit'>;

/** A command that has been started. */
export interface RunningCommand {
  /** Resolves when the command and everything that it started are gone. Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /**
   * Asks the command and all that it started to end, and kills them after `graceMs`; 0: at once. May be called again.
   */
  stop(graceMs: number): void;
  /** Tells the command, and nothing that it started, that its task has changed (SIGUSR1). */
  notify?(): void;
}

export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly output: readonly string[] }
  /** `output`: the last lines of its output. */
  | { readonly kind: 'signalled'; readonly signal: string; readonly output: readonly string[] }
  /** `failure`: a limit of this machine is the cause, not the command. */
  | { readonly kind: 'not-started'; readonly message: string; readonly failure?: Failure };
