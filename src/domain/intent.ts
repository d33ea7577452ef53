import type { ClaimRecord } from './edit.ts';
import type { TaskKey } from './task.ts';

/**
 * What a caller wants done to the queue. Plain data: an intent travels as JSON, to a leader on this machine or inside
 * the name of a request ref, and is decided by whoever serves it.
 */
export type Intent = ClaimIntent | HeartbeatIntent | ReleaseIntent;

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
}

export interface ReleaseIntent extends OwnedIntent {
  readonly kind: 'release';
  readonly reason?: string;
}

/** What became of an intent that was carried out, or that needed no change. */
export type Outcome = ClaimedOutcome | RenewedOutcome | ReleasedOutcome;

interface ChangedTask {
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
}

export interface RenewedOutcome extends ChangedTask {
  readonly kind: 'renewed';
  readonly at: string;
  readonly claimId?: string;
}

export interface ReleasedOutcome extends ChangedTask {
  readonly kind: 'released';
}
