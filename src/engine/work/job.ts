import type { Failure } from '../../domain/base/failure.ts';
import type { WorkReport } from '../../domain/intents/intent.ts';
import type { TakenFrom } from '../../domain/intents/outcome.ts';
import type { TaskKey } from '../../domain/queue/task.ts';

/** A task that an agent has claimed. */
export interface Job {
  readonly agent: string;
  readonly task: TaskKey;
  readonly title: string | undefined;
  /** Empty if an older script has made the claim. */
  readonly claimId: string;
  /** Where the file is on the branch. */
  readonly path: string;
  /** Whose stalled claim was taken for it. */
  readonly takenFrom?: TakenFrom;
  /** The commit that claimed it. */
  readonly commit: string | undefined;
}

/** What became of a task in this worker. */
export interface TaskResult {
  readonly job: Job;
  readonly outcome:
    | 'completed'
    /** The work is done and waits to be merged. */
    | 'review'
    /** Given back, for others to try. */
    | 'failed'
    /** Given back, and not claimable until somebody frees it. */
    | 'blocked'
    /** The claim was gone: the work does not count. */
    | 'lost'
    /** Its command has asked a person something, and given it back by that: it waits for the answer. */
    | 'asked'
    /** Given back because this worker was told to end. */
    | 'interrupted'
    /** Given back because this machine has no room for it, which says nothing about the task. */
    | 'no-room'
    /** Given back because the command cannot work now (exit 75), which says nothing about the task either. */
    | 'deferred'
    /** The result could not be reported for too long: `release-stalled` gives the task back. */
    | 'unsettled';
  /** In one line; undefined for a completed task. */
  readonly reason: string | undefined;
  /** Of the last attempt; undefined if a signal ended it, or if it was never started. */
  readonly exitCode: number | undefined;
  readonly attempts: number;
  /** What the command said about its work, over all attempts. */
  readonly report?: WorkReport;
  readonly prUrl?: string;
  /** How often workers have failed at the task, this time included, if this counts as a failure. */
  readonly failures?: number;
  readonly elapsedMs: number;
  /** When a deferred task may be tried again (ms since the epoch), if the command said so. */
  readonly retryAt?: number;
  /** Why the result of an unsettled task could not be reported, or which limit was reached if there was no room. */
  readonly failure?: Failure;
  /** The commit that records what became of the task. */
  readonly commit: string | undefined;
  /** The tasks that waited for it and are ready now. */
  readonly unblocked: readonly TaskKey[];
  readonly left: Leftovers;
}

/** Whether the work on the task is over, merged or not. */
export function isDone({ outcome }: Pick<TaskResult, 'outcome'>): boolean {
  return outcome === 'completed' || outcome === 'review';
}

/** What remains of a task on this machine. */
export interface Leftovers {
  /** A worktree that was left there. */
  readonly keptAt?: string;
  readonly keptBecause?: string;
  /** A branch with commits of the task. */
  readonly branch?: string;
  /** File with all output of the command. */
  readonly log?: string;
}
