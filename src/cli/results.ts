import type { ActivityKind } from '../domain/activity.ts';
import type { Finding } from '../domain/finding.ts';
import type { HoldStats, TaskCounts } from '../domain/queue-stats.ts';
import type { LayoutName } from '../domain/snapshot.ts';
import type { Scalar, TaskState } from '../domain/task.ts';
import type { DemoResult } from './demo-result.ts';
import type { MetricsResult } from './metrics-result.ts';
import type { SimulateResult } from './simulate/simulation.ts';
import type { WorkResult } from './work-result.ts';

/** What a command answers; the one thing that rendering knows. Fields are those of the JSON document, in its order. */
export type Result =
  | ClaimResult
  | HeartbeatResult
  | ReleaseResult
  | WorkResult
  | ShowResult
  | ListResult
  | CompleteResult
  | UnblockResult
  | ReleaseStalledResult
  | AddResult
  | DemoResult
  | SimulateResult
  | InitResult
  | ValidateResult
  | StatusResult
  | WatchResult
  | MetricsResult;

/** Where a queue is. `remote` is null in local mode. */
export interface Place {
  readonly branch: string;
  readonly remote: string | null;
}

export interface ClaimResult extends Place {
  readonly kind: 'claim';
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly priority: number;
  readonly type: string | null;
  readonly path: string;
  /** null for a dry run. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly claimedAt: string | null;
  readonly attempts: number;
  readonly rejectedPushes: number;
  /** Base of the backoff (ms), adapted to how often pushes to this queue were rejected lately. */
  readonly backoffBaseMs: number;
  readonly elapsedMs: number;
  /** Only where it is one: nothing was claimed then. */
  readonly dryRun?: true;
}

export interface HeartbeatResult extends Place {
  readonly kind: 'heartbeat';
  readonly project: string;
  readonly task: string;
  readonly path: string;
  /** null where nothing had to change: renewed within the same second. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly lastHeartbeat: string;
  /** Only with `--watch`: heartbeats that were sent. */
  readonly beats?: number;
  readonly attempts: number;
  readonly elapsedMs: number;
}

export interface ReleaseResult extends Place {
  readonly kind: 'release';
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly path: string;
  readonly commit: string | null;
  readonly agent: string;
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** A task that a command changed. */
export interface TaskLine {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  /** Where its file is now. */
  readonly path: string;
}

export interface CompleteResult extends Place {
  readonly kind: 'complete';
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly path: string;
  /** null where it was completed before. */
  readonly commit: string | null;
  readonly claimId: string | null;
  readonly agent: string;
  readonly prUrl: string | null;
  readonly completedAt: string | null;
  /** What waited for it and is ready now. */
  readonly unblocked: readonly TaskLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}

export interface UnblockResult extends Place {
  readonly kind: 'unblock';
  /** null where there was nothing to do. */
  readonly commit: string | null;
  readonly tasks: readonly TaskLine[];
  readonly attempts: number;
  readonly elapsedMs: number;
}

/** A task that was taken from a silent agent. */
export interface ReleasedTask extends TaskLine {
  /** Who had it; null where its file does not say. */
  readonly agent: string | null;
  readonly silentMs: number | null;
  /** Stalled releases so far, this one included. */
  readonly stalls: number;
  /** Whether it is blocked now. */
  readonly blocked: boolean;
}

export interface ReleaseStalledResult extends Place {
  readonly kind: 'release-stalled';
  /** null where there was nothing to do, and for a dry run. */
  readonly commit: string | null;
  readonly olderThanMs: number;
  readonly tasks: readonly ReleasedTask[];
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only where it is one: nothing was released then. */
  readonly dryRun?: true;
}

export interface AddResult extends Place {
  readonly kind: 'add';
  /** null for a dry run. */
  readonly commit: string | null;
  readonly agent: string;
  /** In the order of the input. */
  readonly tasks: readonly (TaskLine & { readonly status: string })[];
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only where it is one: nothing was added then. */
  readonly dryRun?: true;
}

/** A claim as its file has it. */
export interface ClaimView {
  readonly claimedBy: string | null;
  readonly claimedAt: string | null;
  readonly lastHeartbeat: string | null;
  readonly attempt: number | null;
  readonly claimId: string | null;
}

export interface DependencyView {
  /** null where the entry names no task. */
  readonly id: string | null;
  readonly text: string;
}

/** The model that agentq reads in a task file. */
export interface TaskView {
  readonly title: string | null;
  readonly type: string | null;
  readonly priority: number;
  readonly status: string | null;
  readonly summary: string | null;
  readonly details: string | null;
  readonly acceptanceCriteria: readonly string[];
  readonly dependencies: { readonly required: readonly DependencyView[]; readonly blocks: readonly DependencyView[] };
  readonly labels: Readonly<Record<string, Scalar>>;
  readonly batch: string | null;
  readonly holdUntil: string | null;
  readonly blockedReason: string | null;
  readonly claim: ClaimView | null;
  readonly completion: {
    readonly status: string | null;
    readonly completedAt: string | null;
    readonly completedBy: string | null;
    readonly prUrl: string | null;
  } | null;
}

export interface ShowResult extends Place {
  readonly kind: 'show';
  readonly project: string;
  readonly task: string;
  readonly state: TaskState;
  readonly path: string;
  readonly tip: string;
  /** Ids of required tasks that are not complete. */
  readonly waitingFor: readonly string[];
  /** null where only the text was asked for. */
  readonly model: TaskView | null;
  /** The file's own bytes; never part of the JSON document. */
  readonly bytes: Uint8Array;
}

/** A line of the list. */
export interface ListedTask {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly priority: number | null;
  readonly type: string | null;
  readonly state: TaskState;
  /** `ready`: claimable; `waiting`: for dependencies; `claimed`; `completed`; `unreadable`; `two-states`; or as the file says. */
  readonly status: string;
  readonly owner: string | null;
  readonly claimId: string | null;
  readonly lastHeartbeat: string | null;
  /** null where no heartbeat can be read. */
  readonly heartbeatAgeMs: number | null;
  readonly waitingFor: readonly string[];
  readonly path: string;
}

export interface ListResult extends Place {
  readonly kind: 'list';
  readonly tip: string;
  readonly tasks: readonly ListedTask[];
}

export interface InitResult extends Place {
  readonly kind: 'init';
  /** null where everything was there already. */
  readonly commit: string | null;
  readonly branchCreated: boolean;
  readonly created: readonly string[];
  readonly overwritten: readonly string[];
  /** Files that differ from those of this version, and were left as they are. */
  readonly kept: readonly string[];
  readonly projects: readonly { readonly project: string; readonly layout: LayoutName; readonly tasks: string }[];
}

export interface ValidateResult extends Place {
  readonly kind: 'validate';
  /** The commit that was looked at. */
  readonly tip: string;
  readonly projects: number;
  readonly tasks: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** Whether there is nothing that fails the command: no errors, with `--strict` no warnings either. */
  readonly passed: boolean;
  readonly findings: readonly Finding[];
  /** How text shows it; never part of the JSON document. */
  readonly presentation: { readonly format: 'text' | 'github'; readonly notes: 'list' | 'count' };
}

/** A project on the dashboard. Every task is counted once; `stalled` is a part of `inProgress`. */
export interface ProjectView extends TaskCounts {
  readonly project: string;
  /** Whole, rounded down. */
  readonly percent: number;
  readonly batches: readonly BatchView[];
}

export interface BatchView {
  readonly batch: string;
  readonly completed: number;
  readonly total: number;
  readonly percent: number;
  /** What waits for a share of it. */
  readonly holds: readonly HoldStats[];
}

/** Something that happened in the queue. */
export interface EventView {
  readonly time: string;
  readonly event: ActivityKind;
  readonly agent: string;
  readonly tasks: readonly string[];
  /** More than `tasks` names where an older script only counted them. */
  readonly count: number;
  readonly commit: string;
}

export interface StatusResult extends Place {
  readonly kind: 'status';
  readonly tip: string;
  readonly time: string;
  readonly projects: readonly ProjectView[];
  readonly all: TaskCounts & { readonly percent: number };
  /** Newest first. */
  readonly recent: readonly EventView[];
}

/** Everything has been told while it happened, also with `--json`. */
export interface WatchResult {
  readonly kind: 'watch';
}
