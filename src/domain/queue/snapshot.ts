import { DEFAULT_BRANCH_TEMPLATE } from '../base/branch-template.ts';
import type { Finding } from '../base/finding.ts';
import type { Pause } from '../pausing/pauses.ts';
import type { ClaimEvidence } from './clock-proof.ts';
import { LAYOUT_NAMES, type LayoutName, type Location } from './layouts.ts';
import type { Task, TaskKey, TaskState } from './task.ts';

/** The result of reading a task file. `unread`: this state's files were not asked for, so they were not fetched. */
export type Reading =
  | { readonly kind: 'read'; readonly task: Task; readonly findings: readonly Finding[]; readonly lines?: TaskLines }
  | { readonly kind: 'unreadable'; readonly line?: number; readonly message: string }
  | { readonly kind: 'unread' };

/** 1-based lines of a task file, for findings that need more than the file itself. */
export interface TaskLines {
  /** The line `task:`. */
  readonly task?: number;
  readonly status?: number;
  readonly holdUntil?: number;
  readonly claim?: number;
  readonly claimedAt?: number;
  readonly reviewSince?: number;
  readonly lastHeartbeat?: number;
  readonly completedAt?: number;
}

/** A task file in the fetched tree. */
export interface TaskEntry {
  readonly key: TaskKey;
  readonly state: TaskState;
  readonly path: string;
  /** Object id of the file's bytes. */
  readonly blob: string;
  /** As git has it (`100644`, `100755`, `120000` for a symbolic link); it stays the same when the file moves. */
  readonly mode: string;
  readonly location: Location;
  readonly reading: Reading;
  /** Time (ms since the epoch) of the commit that last touched the file; only if the scope asked for it. */
  readonly touchedAt?: number;
  /** When a ref last renewed the claim (ms since the epoch); only if the pool uses refs and the scope asked for it. */
  readonly renewedAt?: number;
  /** What is known about the clocks behind a claim's heartbeat; only if the scope asked for witnesses. */
  readonly evidence?: ClaimEvidence;
  /**
   * When the claim begins to look stalled (ms since the epoch) as far as its file tells, and what was found out before;
   * 0: the file does not tell. Only if the scope asked for stalls.
   */
  readonly stallsAt?: number;
}

export interface ProjectSnapshot {
  readonly name: string;
  readonly locations: readonly Location[];
  /** Its tasks, in the order of the tree; without the `unlisted` ones. */
  readonly entries: readonly TaskEntry[];
  /** Completed tasks that are looked up by name. Only snapshots for decisions have them. */
  readonly unlisted?: UnlistedTasks;
  /** Stalled releases counted so far, by task id (the ledger next to the tasks). */
  readonly stalls: ReadonlyMap<string, number>;
  /** Failures counted so far, by task id (the same ledger); absent: there are none. */
  readonly failures?: ReadonlyMap<string, TaskFailures>;
}

/** A worker's command for a task that failed. */
export interface TaskFailure {
  /** ISO 8601 UTC, in whole seconds, by the clock of the machine that wrote it. */
  readonly at: string;
  readonly agent: string;
  /** In one line. */
  readonly reason: string;
}

/** How often workers have failed at a task, since it was last completed or freed. */
export interface TaskFailures {
  readonly count: number;
  /** The last of them, the oldest first. */
  readonly last: readonly TaskFailure[];
}

export const NO_FAILURES: TaskFailures = { count: 0, last: [] };

/**
 * Completed tasks, of which a decision asks for a few by name: a queue may have 90,000, and to list them took half of a
 * claim. Their files are unread.
 */
export interface UnlistedTasks {
  /** The entries of that id: none, one, or one for each folder that has it. */
  find(id: string): readonly TaskEntry[];
  /** The project's listed entries and all of these, in the order of the tree. */
  among(listed: readonly TaskEntry[]): readonly TaskEntry[];
}

/** All tasks of the project, in the order of the tree. */
export function everyEntry({ entries, unlisted }: ProjectSnapshot): readonly TaskEntry[] {
  return unlisted === undefined ? entries : unlisted.among(entries);
}

/** Most tasks that may be claimed at once: of the queue, of a project, or with a label. */
export interface ClaimLimit {
  /** As the settings name it: `total`, a project, or `label.<key>`. */
  readonly name: string;
  readonly of:
    | { readonly kind: 'total' }
    | { readonly kind: 'project'; readonly project: string }
    | { readonly kind: 'label'; readonly label: string };
  readonly most: number;
}

/** What a whole pool must agree on, read from `.agents-core/config/agentq.toon` on the fetched branch. */
export interface PoolSettings {
  /** A claim without a heartbeat for this long (ms) is stalled. */
  readonly stalledAfterMs: number;
  /** A claim whose work waits for its review is stalled after this long (ms); it needs no heartbeats. */
  readonly reviewAfterMs: number;
  /** After this many stalled releases a task is set to `blocked`. */
  readonly maxReleases: number;
  /** After this many failures of workers' commands for it, a task is set to `blocked`. */
  readonly maxFailures: number;
  readonly layouts: readonly LayoutName[];
  /** `commit`: heartbeats are commits on the branch; `ref`: one ref per claim, overwritten each time. */
  readonly heartbeat: 'commit' | 'ref';
  /** How the branches of worktrees are named, see `branch-template.ts`. */
  readonly branchName: string;
  /** Whether a claim takes stalled claims too, or leaves them to `release-stalled`. */
  readonly reclaim: 'claim' | 'off';
  /** The branch that worktrees start from; undefined: see `code-base.ts`. */
  readonly base: string | undefined;
  /** A claim that would exceed one takes another task. */
  readonly limits: readonly ClaimLimit[];
  /** Whether the setting `meet` has a name or password in it, which everybody can read who can read the branch. */
  readonly meet: 'with-login' | 'without-login';
  /** Whether commits of the queue tell servers to start nothing for them. */
  readonly ci: 'skip' | 'run';
  /** Whether they are signed, with the key of whoever makes them. */
  readonly signing: 'on' | 'off';
  /** The coordination branches of projects that have one of their own. Only the main branch is right about it. */
  readonly branches: ReadonlyMap<string, string>;
}

export const DEFAULT_POOL_SETTINGS: PoolSettings = {
  stalledAfterMs: 30 * 60_000,
  reviewAfterMs: 7 * 24 * 3_600_000,
  maxReleases: 3,
  maxFailures: 3,
  layouts: LAYOUT_NAMES,
  heartbeat: 'commit',
  branchName: DEFAULT_BRANCH_TEMPLATE,
  reclaim: 'claim',
  base: undefined,
  limits: [],
  meet: 'without-login',
  ci: 'run',
  signing: 'off',
  branches: new Map(),
};

/** The queue at a fetched tip of the coordination branch. */
export interface QueueSnapshot {
  /** Commit id. */
  readonly tip: string;
  readonly projects: ReadonlyMap<string, ProjectSnapshot>;
  readonly settings: PoolSettings;
  /**
   * What is known about stalled claims. `none`: no claim looks stalled; `suspected`: those whose `stallsAt` has passed
   * may be; `witnessed`: the claimed entries have all that is known of their owners. Absent: nobody asked.
   */
  readonly stalls?: 'none' | 'suspected' | 'witnessed';
  /** Of all projects, whatever branch they live on; absent: nothing is paused. */
  readonly pauses?: readonly Pause[];
  /** Findings about the tree itself: foreign files, unusable names. */
  readonly findings: readonly Finding[];
  /**
   * The branch that a project lives on, if that is another one; its folders on this branch are copies, and not in
   * `projects`. Absent: there are no other branches.
   */
  readonly otherBranch?: OtherBranch;
  /** Reads a text as that of the task's file, for decisions about whole texts. Absent: none are decided. */
  readonly readText?: (text: string, entry: TaskEntry) => Reading;
  /** Where each project lives, in the snapshot of several branches as one. */
  readonly branchOf?: (project: string) => string;
  /** Tasks in copies of projects that live on other branches; only if the scope asked for them. */
  readonly copies?: readonly CopiedTask[];
  /**
   * Projects that live on other branches and that tasks here require, by name: as they are there, with names alone.
   * Only if the scope asked for decisions, and if any task requires one.
   */
  readonly elsewhere?: ReadonlyMap<string, ProjectElsewhere>;
}

/** A project on another branch. */
export interface ProjectElsewhere {
  readonly branch: string;
  /** The commit at which it was read. */
  readonly tip: string;
  readonly project: ProjectSnapshot;
}

/** @returns undefined if the project lives here */
export type OtherBranch = (project: string) => string | undefined;

/** A task file where its project does not live. */
export interface CopiedTask {
  readonly key: TaskKey;
  readonly path: string;
}
