import type { ClaimRecord, TaskEdits } from './edit.ts';
import type { LayoutName } from './layouts.ts';
import type { NewStatus, NewTask } from './new-task.ts';
import type { PoolSettings } from './snapshot.ts';
import type { TaskKey, TaskView } from './task.ts';

/**
 * What a caller wants done to the queue. Plain data: an intent travels as JSON, to a leader on this machine or inside
 * the name of a request ref, and the process that carries it out decides it.
 */
export type Intent =
  | ClaimIntent
  | HeartbeatIntent
  | ReleaseIntent
  | CompleteIntent
  | ReviewIntent
  | UnblockIntent
  | ReleaseStalledIntent
  | NoteIntent
  | EditIntent
  | AddIntent;

interface IntentBase {
  /** Unique to the intent. Every commit of it has it as `Agentq-Request`; for a claim it is the `claim_id`. */
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
  /** What the agent can do: only claims look at it. Without it, a task that needs anything is for others. */
  readonly can?: readonly string[];
  /** Tasks to leave alone, as `project/TASK-ID`: a worker does not claim a task again that has just failed. */
  readonly except?: readonly string[];
}

/** A task as a user names it: `TASK-1` (in any project) or `project/TASK-1`. */
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

/** What proves ownership: the agent, and the claim if the caller knows it. */
interface OwnedIntent extends IntentBase {
  readonly task: TaskReference;
  /** If given, the current claim must be exactly this one (fencing). */
  readonly claimId?: string;
}

export interface HeartbeatIntent extends OwnedIntent {
  readonly kind: 'heartbeat';
  /** Renew by a commit, whatever the pool's setting: for remotes that do not accept our refs. */
  readonly as?: 'commit';
}

/** What a command says about its work; it goes into the commit. */
export interface WorkReport {
  readonly summary?: string;
  readonly costUsd?: number;
  readonly tokens?: number;
}

/** Longest summary (characters), and the most that the work may have cost. */
export const LONGEST_SUMMARY = 2000;
export const MOST_COST_USD = 1_000_000;

/** An intent that ends the work on a task. */
interface EndingIntent extends OwnedIntent {
  readonly report?: WorkReport;
  /** `leave`: what the agent has put into review itself stays there, whatever became of its command. */
  readonly inReview?: 'leave';
}

export interface ReleaseIntent extends EndingIntent {
  readonly kind: 'release';
  readonly reason?: string;
  /** `failed`: a worker's command failed, which counts. Absent: it says nothing about the task. */
  readonly because?: 'failed';
  /** The last lines of a failed command's output, for the commit. */
  readonly output?: readonly string[];
  /** If given, the task is blocked until somebody frees it; this is why. */
  readonly blockedReason?: string;
}

export interface CompleteIntent extends EndingIntent {
  readonly kind: 'complete';
  readonly prUrl?: string;
}

/** The work is done and waits to be merged: the claim stays, and needs no heartbeats until `review_after`. */
export interface ReviewIntent extends EndingIntent {
  readonly kind: 'review';
  /** Absent: that of an earlier review, or none that is known. */
  readonly prUrl?: string;
}

/** Adds a note to a task, in whatever state it is and whoever holds it. */
export interface NoteIntent extends IntentBase {
  readonly kind: 'note';
  readonly task: TaskReference;
  /** One line, see `note-text.ts`. */
  readonly text: string;
}

/** Changes fields of tasks that are not completed: all of them in one commit, or none. */
export interface EditIntent extends IntentBase {
  readonly kind: 'edit';
  readonly task: TaskReference;
  /** Further tasks that get the same. */
  readonly more?: readonly TaskReference[];
  readonly edits: TaskEdits;
}

/** Unblocks what no longer needs to wait: one named task, or all tasks whose own conditions are met. */
export interface UnblockIntent extends IntentBase {
  readonly kind: 'unblock';
  readonly project?: string;
  /** Frees this task, whatever keeps it blocked. */
  readonly task?: TaskReference;
  /** Without a project: only those that live on the branch where it is decided. */
  readonly here?: true;
}

export interface ReleaseStalledIntent extends IntentBase {
  readonly kind: 'release-stalled';
  readonly project?: string;
  /** A claim that was silent for longer (ms) is stalled; absent: the pool's own limit. */
  readonly olderThanMs?: number;
  /** As for {@link UnblockIntent}. */
  readonly here?: true;
}

export interface AddIntent extends IntentBase {
  readonly kind: 'add';
  /** In order; all in one commit, or none. */
  readonly tasks: readonly NewTask[];
  /** For tasks that name no project; absent: the only project of the queue. */
  readonly project?: string;
  /** For new projects. */
  readonly layout?: LayoutName;
  /** How new ids begin; absent: like those of the project. */
  readonly idPrefix?: string;
  /** What the queue has already, by ref or id, is updated instead of added or refused. */
  readonly upsert?: true;
}

/** Who acts when no agent does: the author of the commits of `unblock` and `release-stalled`. */
export const ORCHESTRATOR = 'orchestrator';

/** The result of an intent that was carried out, or that needed no change. */
export type Outcome =
  | ClaimedOutcome
  | RenewedOutcome
  | ReleasedOutcome
  | CompletedOutcome
  | ReviewedOutcome
  | UnblockedOutcome
  | NotedOutcome
  | EditedOutcome
  | StalledOutcome
  | AddedOutcome;

/** A changed task, as results name it. */
export interface ChangedTask {
  readonly key: TaskKey;
  readonly title?: string;
  /** Where the file is now. */
  readonly path: string;
  /**
   * The task as it is now. Claims lack it: their answers must fit the names of refs, and who wants to know more of a
   * claimed task reads its file anyway.
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
  /** Names of the fields that say something else now; empty: it was so before, or that is no longer known. */
  readonly changed: readonly string[];
}

export interface UnblockedOutcome {
  readonly kind: 'unblocked';
  readonly tasks: readonly ChangedTask[];
  /** The task that was named, if it still cannot be claimed, and what it waits for. */
  readonly waits?: { readonly key: TaskKey; readonly for: readonly string[] };
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
