import type { Failure } from '../../domain/base/failure.ts';
import type { TaskKey } from '../../domain/queue/task.ts';

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
