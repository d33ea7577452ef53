import type { Failure } from '../../domain/base/failure.ts';
import type { Ownership } from '../../domain/branches/ownership.ts';
import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import type { RenewedOutcome } from '../../domain/intents/outcome.ts';
import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import type { CommitFacts } from '../../domain/past/activity.ts';
import type { Cursor } from '../../domain/past/cursor.ts';
import type { TaskEvent } from '../../domain/past/task-event.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import type { Task, TaskKey } from '../../domain/queue/task.ts';
import type { ThreeTexts } from '../../git/editing/merge-file.ts';
import type { LoggedCommit } from '../../store/event-store.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import type { Code } from './code.ts';
import type { Submitted } from './submitted.ts';
import type { Tip } from './tips.ts';

/** The half of a queue that only reads. Nothing here pushes, and each answer comes within the queue's time limit. */
export interface Reader {
  /** Fetches the tip and reads the queue in it, or in a commit of the clone without asking the remote. */
  snapshot(scope: SnapshotScope, options?: SnapshotOptions): Promise<ReadQueue>;
  /** Decides on the fetched tip and pushes nothing (`--dry-run`). Throws what `submit` would throw. */
  rehearse(intent: Intent): Promise<Submitted>;
  /**
   * Whether claims stand, in the order of the heartbeats that would renew them. Renews nothing.
   * @param tip where the branch was just seen: if that is enough, the remote is not asked; undefined: it is
   */
  standing(heartbeats: readonly HeartbeatIntent[], tip: string | undefined): Promise<readonly Standing[]>;
  /** The task file's own bytes. */
  taskBytes(entry: TaskEntry): Promise<Uint8Array>;
  /**
   * The command line, for a shell, of the editor that `git commit` would open.
   * @param env of the user
   * @throws Failure `config-invalid` if there is none
   */
  editor(env: Readonly<Record<string, string | undefined>>): Promise<string>;
  /** Merges two texts line by line; undefined if both changed the same. */
  mergeTexts(texts: ThreeTexts): Promise<Uint8Array | undefined>;
  /** The commit and those before it, newest first, at most `limit`. */
  history(from: string, limit: number): AsyncIterable<CommitFacts>;
  /** Those before the commit alone, whatever else was read together with it, newest first, at most `limit`. */
  ancestors(commit: string, limit: number): AsyncIterable<CommitFacts>;
  /** Fetches the tip and yields the commits that are not older (ms since the epoch; undefined: all), newest first. */
  record(newerThanMs: number | undefined, range?: RecordRange): AsyncIterable<LoggedCommit>;
  /**
   * Whether the queue at a tip that was read before, on whatever branches it was then, has all of these commits.
   * Otherwise a branch was rewritten, or is gone, or they are not in this clone any more.
   */
  holds(tip: string, commits: readonly string[]): Promise<boolean>;
  /** Heartbeats that are kept as refs: the newest of each claim. None if the remote hides such refs. */
  beats(): Promise<readonly Beat[]>;
  /** The branches that hold code. */
  readonly code: Code;
  /** What happened in the queue or to a task, newest first, as far as it is read. */
  past(options: PastOptions): AsyncIterable<Omit<WatchedEvent, 'cursor'>>;
  /** What happens in the queue from a given point on, each event exactly once. */
  watch(options: WatchOptions): AsyncIterable<WatchedEvent>;
}

/** What is known of a claim. `gone`: what its owner would be told. */
export type Standing =
  | { readonly kind: 'stands'; readonly outcome: RenewedOutcome }
  | { readonly kind: 'gone'; readonly failure: Failure };

/** The queue as it was read. If its projects live on several branches, this is the queue of all of them. */
export interface ReadQueue extends QueueSnapshot {
  /** Absent: there is one branch. */
  readonly branches?: {
    readonly ownership: Ownership;
    /** By branch; one that does not exist is left out. */
    readonly tips: ReadonlyMap<string, string>;
    readonly snapshots: ReadonlyMap<string, QueueSnapshot>;
  };
}

export interface SnapshotOptions {
  /** A commit of the branch that this clone may not have yet, such as one that another process has pushed for us. */
  readonly commit?: string;
  /** A commit of the clone, as git names it: `HEAD`, a branch, an id. */
  readonly revision?: string;
  /** `leave`: the caller reports the files that cannot be read. */
  readonly unreadable?: 'report' | 'leave';
  /** Only what concerns this project is needed: of the branches, those that do not hold it are not read. */
  readonly project?: string;
  /**
   * Where `Queue.tips` of the same queue saw the branch last: the queue is read there, and the remote is not asked
   * where it is. It is asked all the same if another process saw several branches for this one, or if that is not
   * enough.
   */
  readonly seen?: Tip;
}

/** A part of the record. */
export interface RecordRange {
  /** The tip of a snapshot that this reader has read: the remote is not asked again. */
  readonly tip: string;
  /** Not these commits, nor what they reach. */
  readonly after?: readonly string[];
}

/** How far to look back. */
export interface PastOptions {
  /** The commit to begin with, which has been read before. */
  readonly tip: string;
  /** Most events; undefined: all. */
  readonly limit: number | undefined;
  /** Only what is not older (ms since the epoch). */
  readonly newerThanMs?: number;
  /** Only what came after this commit, as git names it. */
  readonly after?: string;
  /** Only tasks of this project. */
  readonly project?: string;
  /** Only this task, whose file is or was at one of the paths. */
  readonly task?: { readonly key: TaskKey; readonly paths: readonly string[] };
  /** Called if the history ends before the queue began. */
  onNotice(message: string): void;
}

/** Where to begin to watch, and when to stop. */
export interface WatchOptions {
  readonly from: /** With what happens from now on. */
    | { readonly kind: 'now' }
    /** With everything that is known. */
    | { readonly kind: 'beginning' }
    /** After a commit, as git names it. */
    | { readonly kind: 'revision'; readonly revision: string }
    | { readonly kind: 'ago'; readonly ms: number }
    /** Right after the event that carried it. */
    | { readonly kind: 'cursor'; readonly cursor: Cursor };
  /** `stopped`: never. `told`: when there is nothing more to tell. `idleMs`: when nothing happened for this long. */
  readonly until: 'stopped' | 'told' | { readonly idleMs: number };
  /** Called with what the user should know: the remote does not answer, the branch was rewritten. */
  onNotice(message: string): void;
}

export interface WatchedEvent {
  readonly event: TaskEvent;
  /** The task as it was after the event; undefined if its file cannot be read. */
  readonly task: Task | undefined;
  /** Where to go on after this event. */
  readonly cursor: string;
}
