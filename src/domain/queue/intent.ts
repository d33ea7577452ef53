import type { ClaimRecord } from './edit.ts';
import type { LayoutName } from './layouts.ts';
import type { NewStatus, NewTask } from './new-task.ts';
import type { PoolSettings } from './snapshot.ts';
import type { TaskKey } from './task.ts';

/**
 * What a caller wants done to the queue. Plain data: an intent travels as JSON, to a leader on this machine or inside
 * the name of a request ref, and is decided by whoever carries it out.
 */
export type Intent =
  | ClaimIntent
  | HeartbeatIntent
  | ReleaseIntent
  | CompleteIntent
  | UnblockIntent
  | ReleaseStalledIntent
  | AddIntent;

interface IntentBase {
  /** Unique to the intent, in every commit as `Agentq-Request`; for a claim it is the `claim_id`. */
  readonly request: string;
  readonly agent: string;
}

/** Which tasks a claim will take; every given condition must hold. */
export interface TaskFilter {
  readonly project?: string;
  readonly minPriority?: number;
  readonly maxPriority?: number;
  readonly type?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Tasks that it does not want, as `project/TASK-ID`: a worker does not take again what has just failed. */
  readonly except?: readonly string[];
}

/** A task as a user names it: `TASK-1` (looked for in all projects) or `project/TASK-1`. */
export interface TaskReference {
  readonly project?: string;
  readonly id: string;
}

export interface ClaimIntent extends IntentBase {
  readonly kind: 'claim';
  readonly filter: TaskFilter;
  /** Only this task. */
  readonly task?: TaskReference;
  /** Take from this project first, then from anywhere the filter allows. */
  readonly prefer?: string;
  /** Number of this attempt, from 1; goes into `claim_attempt` and the `Agentq-Attempts` trailer. */
  readonly attempt: number;
  /** Milliseconds since the caller began, for the `Agentq-Waited-Ms` trailer. */
  readonly waitedMs: number;
}

/** What proves ownership: the agent, and the claim where the caller knows it. */
interface OwnedIntent extends IntentBase {
  readonly task: TaskReference;
  /** When given, the current claim must be this very one (fencing). */
  readonly claimId?: string;
}

export interface HeartbeatIntent extends OwnedIntent {
  readonly kind: 'heartbeat';
  /** As a commit, whatever the pool's setting: for remotes that do not take refs of ours. */
  readonly as?: 'commit';
}

export interface ReleaseIntent extends OwnedIntent {
  readonly kind: 'release';
  readonly reason?: string;
  /** The last lines of what a failed command said, for the commit. */
  readonly output?: readonly string[];
  /** The task is not to be claimed again until somebody frees it; this is why. */
  readonly blockedReason?: string;
}

export interface CompleteIntent extends OwnedIntent {
  readonly kind: 'complete';
  readonly prUrl?: string;
}

/** Opens what needs to wait no longer: one task that is named, or all that their own conditions let go. */
export interface UnblockIntent extends IntentBase {
  readonly kind: 'unblock';
  readonly project?: string;
  /** Frees this one, whatever keeps it blocked. */
  readonly task?: TaskReference;
}

export interface ReleaseStalledIntent extends IntentBase {
  readonly kind: 'release-stalled';
  readonly project?: string;
  /** A claim that was silent for longer (ms) is stalled; absent: the pool's own limit. */
  readonly olderThanMs?: number;
}

export interface AddIntent extends IntentBase {
  readonly kind: 'add';
  /** In order; all in one commit, or none. */
  readonly tasks: readonly NewTask[];
  /** For tasks that name none; absent: the only project of the queue. */
  readonly project?: string;
  /** For projects that are new. */
  readonly layout?: LayoutName;
  /** How new ids begin; absent: as those of the project do. */
  readonly idPrefix?: string;
}

/** Who acts where no agent does: the author of what `unblock` and `release-stalled` commit. */
export const ORCHESTRATOR = 'orchestrator';

/** What became of an intent that was carried out, or that needed no change. */
export type Outcome =
  | ClaimedOutcome
  | RenewedOutcome
  | ReleasedOutcome
  | CompletedOutcome
  | UnblockedOutcome
  | StalledOutcome
  | AddedOutcome;

/** A task that was changed, as answers name it. */
export interface ChangedTask {
  readonly key: TaskKey;
  readonly title?: string;
  /** Where the file is now. */
  readonly path: string;
}

export interface ClaimedOutcome extends ChangedTask {
  readonly kind: 'claimed';
  readonly priority: number;
  readonly type?: string;
  readonly claim: ClaimRecord;
  /** What the pool has agreed on, at the tip that was claimed from: how long the claim lasts, and how it is renewed. */
  readonly pool?: LeaseSettings;
}

export type LeaseSettings = Pick<PoolSettings, 'stalledAfterMs' | 'heartbeat'>;

export interface RenewedOutcome extends ChangedTask {
  readonly kind: 'renewed';
  readonly at: string;
  readonly claimId?: string;
  /** The claim stands, and it is renewed only by the ref that whoever asked has still to write. */
  readonly by?: 'ref';
  /** What the pool has agreed on, at the tip that was looked at. */
  readonly pool?: LeaseSettings;
}

export interface ReleasedOutcome extends ChangedTask {
  readonly kind: 'released';
  /** Only where it is: nobody can claim the task until somebody frees it. */
  readonly isBlocked?: true;
}

export interface CompletedOutcome extends ChangedTask {
  readonly kind: 'completed';
  readonly claimId?: string;
  readonly prUrl?: string;
  /** As the file says; absent where an older script left it out. */
  readonly completedAt?: string;
  /** Tasks that waited for this one and are ready now, in natural order. */
  readonly unblocked: readonly ChangedTask[];
}

export interface UnblockedOutcome {
  readonly kind: 'unblocked';
  readonly tasks: readonly ChangedTask[];
}

export interface StalledOutcome {
  readonly kind: 'released-stalled';
  /** The limit that was judged by (ms). */
  readonly olderThanMs: number;
  readonly tasks: readonly StalledTask[];
}

/** A task that was taken from an agent that fell silent. */
export interface StalledTask extends ChangedTask {
  /** Who had it; absent where the file does not say. */
  readonly agent?: string;
  /** How long (ms) nothing was heard of the agent; absent where that is not known any more. */
  readonly silentMs?: number;
  /** Stalled releases of this task so far, this one included. */
  readonly stalls: number;
  /** Whether that was one too many: it is blocked now, until `unblock --task` frees it. */
  readonly isBlocked: boolean;
}

export interface AddedOutcome {
  readonly kind: 'added';
  /** In the order of the input. */
  readonly tasks: readonly AddedTask[];
  /** What the user should know besides, a line each. */
  readonly notices: readonly string[];
}

export interface AddedTask extends ChangedTask {
  readonly status: NewStatus;
}
