import type { Failure } from '../../domain/base/failure.ts';
import type { TaskKey } from '../../domain/queue/task.ts';
import type { Queue } from '../queue/queue.ts';
import type { Reader } from '../queue/reader.ts';

/** What of a queue a worker uses. */
export interface WorkQueue extends Pick<Queue, 'submit' | 'renew' | 'tips'>, Partial<Pick<Queue, 'waitingFor'>> {
  read(): Promise<Pick<Reader, 'rehearse'>>;
}

/** A task that an agent has claimed. */
export interface Job {
  readonly agent: string;
  readonly task: TaskKey;
  readonly title: string | undefined;
  /** Empty where an older script has made the claim. */
  readonly claimId: string;
  /** Where the file is on the branch. */
  readonly path: string;
  /** The commit that claimed it. */
  readonly commit: string | undefined;
}

/** Where the commands for tasks run. */
export interface Workshop {
  /**
   * Makes what the command for a task needs: its file, perhaps a worktree.
   * @throws whatever keeps it from being made; the task is given back then
   */
  open(job: Job): Promise<Bench>;
}

/** Everything that was made for one task. */
export interface Bench {
  /** Starts the command. `attempt` counts from 1. */
  start(attempt: number): RunningCommand;
  /** Takes away what is not needed any more; work that is nowhere else stays. Never throws. */
  clear(result: 'completed' | 'unfinished'): Promise<Leftovers>;
}

/** What remains of a task on this machine. */
export interface Leftovers {
  /** A worktree that was left there. */
  readonly keptAt?: string;
  readonly keptBecause?: string;
  /** A branch with commits of the task. */
  readonly branch?: string;
  /** File with everything that the command said. */
  readonly log?: string;
}

/** A command that has been started. */
export interface RunningCommand {
  /** Resolves when it, and everything that it started, is gone. Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** Asks it and all that it started to end, and kills them after `graceMs`; 0: at once. May be called again. */
  stop(graceMs: number): void;
}

export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly output: readonly string[] }
  /** `output`: the last lines that it said. */
  | { readonly kind: 'signalled'; readonly signal: string; readonly output: readonly string[] }
  /** `failure`: it is not the command, but a limit of this machine. */
  | { readonly kind: 'not-started'; readonly message: string; readonly failure?: Failure };

/** What became of a task in this worker's hands. */
export interface TaskResult {
  readonly job: Job;
  readonly outcome:
    | 'completed'
    /** Given back, for others to try. */
    | 'failed'
    /** Given back, and not to be claimed until somebody frees it. */
    | 'blocked'
    /** The claim was gone: nothing of the work counts. */
    | 'lost'
    /** Given back because this worker was told to end. */
    | 'interrupted'
    /** Given back because this machine has no room for it: it says nothing about the task. */
    | 'no-room'
    /** Neither could be said for too long: `release-stalled` gives it back. */
    | 'unsettled';
  /** In one line; undefined for a completed task. */
  readonly reason: string | undefined;
  /** Of the last attempt; undefined where a signal ended it, and where it was never started. */
  readonly exitCode: number | undefined;
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Why nothing could be said of an unsettled one; which limit it was where there was no room. */
  readonly failure?: Failure;
  /** The commit that says what became of it. */
  readonly commit: string | undefined;
  /** What waited for it and is ready now. */
  readonly unblocked: readonly TaskKey[];
  readonly left: Leftovers;
}
