import type { Pause } from '../pausing/pauses.ts';
import type { ClaimRecord } from '../queue/edit.ts';
import type { NewStatus } from '../queue/new-task.ts';
import type { PoolSettings } from '../queue/snapshot.ts';
import type { TaskKey, TaskView } from '../queue/task.ts';

/** The result of an intent that was carried out, or that needed no change. */
export type Outcome =
  | ClaimedOutcome
  | RenewedOutcome
  | ReleasedOutcome
  | CompletedOutcome
  | ReviewedOutcome
  | AskedOutcome
  | AnsweredOutcome
  | UnblockedOutcome
  | NotedOutcome
  | EditedOutcome
  | CancelledOutcome
  | ReopenedOutcome
  | BlockedOutcome
  | PausedOutcome
  | ResumedOutcome
  | StalledOutcome
  | AddedOutcome;

/** A changed task, as results name it. */
export interface ChangedTask {
  readonly key: TaskKey;
  readonly title?: string;
  /** Where the file is now. */
  readonly path: string;
  /**
   * The task as it is now. Claims lack it: their answers must fit the names of refs, and whoever wants to know more
   * about a claimed task reads its file anyway.
   */
  readonly view?: TaskView;
}

export interface ClaimedOutcome extends ChangedTask {
  readonly kind: 'claimed';
  readonly priority: number;
  readonly type?: string;
  readonly claim: ClaimRecord;
  /** The pool's settings at the tip that was claimed from: how long the claim lasts, and how it is renewed. */
  readonly pool?: LeaseSettings;
  /** Whose stalled claim was taken for it; absent: nobody's, or that is no longer known. */
  readonly takenFrom?: TakenFrom;
}

/** The claim that a task was taken from, in the commit before. */
export interface TakenFrom {
  /** Absent if the file did not say. */
  readonly agent?: string;
  /** How long (ms) that agent had been silent. */
  readonly silentMs: number;
  /** Stalled releases of the task so far, including this one. */
  readonly stalls: number;
}

export type LeaseSettings = Pick<PoolSettings, 'stalledAfterMs' | 'heartbeat'>;

export interface RenewedOutcome extends ChangedTask {
  readonly kind: 'renewed';
  readonly at: string;
  readonly claimId?: string;
  /** What the task says now, see `changing/content.ts`; absent: it was looked up later. */
  readonly content?: Readonly<Record<string, string>>;
  /** The claim stands, but only the ref renews it, and the caller still has to write that. */
  readonly by?: 'ref';
  /** The pool's settings at the tip that was read. */
  readonly pool?: LeaseSettings;
}

export interface ReleasedOutcome extends ChangedTask {
  readonly kind: 'released';
  /** Present only if the task is blocked: nobody can claim it until somebody frees it. */
  readonly isBlocked?: true;
  /** How often workers have failed at the task, if this was such a release. */
  readonly failures?: number;
}

export interface CompletedOutcome extends ChangedTask {
  readonly kind: 'completed';
  readonly claimId?: string;
  readonly prUrl?: string;
  /** As the file says; absent if an older script left it out. */
  readonly completedAt?: string;
  /** Tasks that waited for this one and are ready now, in natural order. */
  readonly unblocked: readonly ChangedTask[];
}

export interface ReviewedOutcome extends ChangedTask {
  readonly kind: 'reviewed';
  readonly claimId?: string;
  readonly prUrl?: string;
  /** When it began to wait for its review. */
  readonly since: string;
}

export interface AskedOutcome extends ChangedTask {
  readonly kind: 'asked';
  readonly at: string;
}

export interface AnsweredOutcome extends ChangedTask {
  readonly kind: 'answered';
  readonly at: string;
}

export interface NotedOutcome extends ChangedTask {
  readonly kind: 'noted';
  readonly at: string;
}

export interface EditedOutcome {
  readonly kind: 'edited';
  /** In the order in which they were named. */
  readonly tasks: readonly EditedTask[];
}

export interface EditedTask extends ChangedTask {
  /** Names of the fields that have changed; empty: it was so before, or that is no longer known. */
  readonly changed: readonly string[];
}

export interface CancelledOutcome {
  readonly kind: 'cancelled';
  /** Those that were named, in that order. */
  readonly tasks: readonly ChangedTask[];
  /** Those that were cancelled because they require one of these, in natural order. */
  readonly cascaded: readonly ChangedTask[];
  /** Those that no longer require one of these. */
  readonly detached: readonly ChangedTask[];
  /** Those that wait for nothing more now, and are ready. */
  readonly unblocked: readonly ChangedTask[];
}

export interface ReopenedOutcome {
  readonly kind: 'reopened';
  /** Those that were named, in that order. */
  readonly tasks: readonly ChangedTask[];
  /** Those that had been opened before, and wait again. */
  readonly waiting: readonly ChangedTask[];
  /** Those that require one of these and are claimed or completed already: they stay as they are. */
  readonly untouched: readonly ChangedTask[];
}

export interface BlockedOutcome {
  readonly kind: 'blocked';
  /** In the order in which they were named. */
  readonly tasks: readonly ChangedTask[];
}

export interface PausedOutcome {
  readonly kind: 'paused';
  readonly pause: Pause;
}

export interface ResumedOutcome {
  readonly kind: 'resumed';
  /** Absent: the whole queue. */
  readonly project?: string;
  /** Absent: it was not paused. */
  readonly ended?: Pause;
  /** The pauses that go on. */
  readonly left: readonly Pause[];
}

export interface UnblockedOutcome {
  readonly kind: 'unblocked';
  readonly tasks: readonly ChangedTask[];
  /** The task that was named, if it still cannot be claimed, and what it waits for. */
  readonly waits?: WaitingTask;
  /** Further such tasks. */
  readonly waitToo?: readonly WaitingTask[];
}

export interface WaitingTask {
  readonly key: TaskKey;
  /** Ids of what it requires and what is not complete. */
  readonly for: readonly string[];
}

export interface StalledOutcome {
  readonly kind: 'released-stalled';
  /** The limit (ms) that claims were judged by. */
  readonly olderThanMs: number;
  readonly tasks: readonly StalledTask[];
}

/** A task that was taken back from a silent agent. */
export interface StalledTask extends ChangedTask {
  /** Who had it; absent if the file does not say. */
  readonly agent?: string;
  /** How long (ms) the agent was silent; absent if that is no longer known. */
  readonly silentMs?: number;
  /** Stalled releases of this task so far, including this one. */
  readonly stalls: number;
  /** Whether that was one too many: then the task is blocked until `unblock --task` frees it. */
  readonly isBlocked: boolean;
}

export interface AddedOutcome {
  readonly kind: 'added';
  /** In the order of the input. */
  readonly tasks: readonly AddedTask[];
  /** What else the user should know, one line each. */
  readonly notices: readonly string[];
}

export interface AddedTask extends ChangedTask {
  /** What the file says: of a task that was there before, any word, or none. */
  readonly status: NewStatus | (string & {});
  readonly ref?: string;
  /** Absent: it is new. `kept`: it was there, and is claimed or completed, so that it stays as it is. */
  readonly was?: 'updated' | 'same' | 'kept';
}
