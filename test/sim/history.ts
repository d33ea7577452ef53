import type { FailureCode } from '../../src/domain/base/failure.ts';
import type { Outcome } from '../../src/domain/intents/outcome.ts';
import type { CommitFacts } from '../../src/domain/past/activity.ts';
import type { TaskChange } from '../../src/domain/queue/edit.ts';
import type { Command } from './spec.ts';
import type { Span } from './world/process.ts';

/** Processes that claim when everybody else is done and nothing goes wrong any more. */
export const AFTERWARDS = ['afterwards-1', 'afterwards-2'] as const;

/** All that was seen of a run: what the checker judges. Times are ms of true time. */
export interface History {
  readonly answers: readonly Answer[];
  /** Of those that were not killed, and have ended before the world. */
  readonly endings: readonly Ending[];
  readonly commits: readonly LandedCommit[];
  /** Tasks that were there at the beginning, `project/id`, with their paths. */
  readonly firstTasks: ReadonlyMap<string, string>;
  readonly pushes: readonly SeenPush[];
  /** Most pushes of all machines at once, at a server that was always there for them; absent: no such limit. */
  readonly pushLimit?: number;
  /** Renewals of claims by refs, when they landed. */
  readonly beats: readonly { readonly claimId: string; readonly at: number }[];
  /** When whose git hung, at most. */
  readonly hangs: readonly (Span & { readonly process: string })[];
  readonly looks: ReadonlyMap<string, number>;
  /** Refs of ours that are on the server at the end, besides the branch. */
  readonly refsLeft: readonly string[];
  readonly server: {
    readonly deletes: boolean;
    readonly hides: boolean;
    readonly neverCalm: boolean;
    readonly trouble: readonly Span[];
  };
  readonly meetings: ReadonlyMap<string, number>;
  /**
   * When processes were told, by a leader on another machine, that what they want may be carried out from now on. All
   * of their machine are named: one of them hands over what the others want.
   */
  readonly announced: readonly { readonly at: number; readonly processes: readonly string[] }[];
  readonly endedAt: number;
  readonly machines: number;
  readonly stalledAfterMs: number;
}

/** One command, and what its caller was told. */
export interface Answer {
  readonly process: string;
  readonly command: Command;
  /** Ids that the process drew; requests that it made are among them. */
  readonly ids: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number;
  readonly told: Told;
  readonly interruptedAt?: number;
  /** Told to end at once. */
  readonly urgedAt?: number;
  readonly suspensions: readonly Span[];
}

/** How long (ms, in which it could run) a process took to end. */
export interface Ending {
  readonly process: string;
  /** After it had told its answer. */
  readonly waitedMs: number;
  /** After it was interrupted, or had told its answer, whichever came later; absent: it was not. */
  readonly afterInterruptMs?: number;
}

export type Told =
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly commit: string | undefined }
  | Failed
  | PoolTold
  /** Killed, or ended by the world while it watched: nobody was told anything. */
  | { readonly kind: 'killed' | 'stopped' }
  /** The world ended first. */
  | { readonly kind: 'nothing' };

export interface Failed {
  readonly kind: 'failed';
  readonly code: FailureCode | 'no-failure';
  /** Message, hint and details, all that a caller can read. */
  readonly words: string;
}

/** What `work` reported. */
export interface PoolTold {
  readonly kind: 'pool';
  readonly completed: readonly string[];
  /** Tasks that it says are not settled, or warned of. */
  readonly unsettled: string;
  readonly failure: string | undefined;
}

/** A commit on the branch, when it landed. */
export interface LandedCommit {
  readonly oid: string;
  readonly at: number;
  readonly facts: CommitFacts;
  readonly requests: readonly string[];
  readonly changes: readonly TaskChange[];
  readonly created: readonly { readonly task: string; readonly path: string }[];
  /** How many tasks any agent could claim from here on. */
  readonly claimable: number;
}

export interface SeenPush {
  readonly process: string;
  readonly at: number;
  /** The requests that it could carry out: in commits, or in the names of refs. */
  readonly what: 'branch' | 'request' | 'delete' | 'other';
  /** When it had its answer; absent: never. */
  readonly until?: number;
}
