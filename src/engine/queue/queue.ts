import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { InstallRequest } from '../../domain/deciding/install.ts';
import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import type { CommitFacts } from '../../domain/past/activity.ts';
import type { Cursor } from '../../domain/past/cursor.ts';
import type { TaskEvent } from '../../domain/past/task-event.ts';
import type { HeartbeatIntent, Intent } from '../../domain/queue/intent.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import type { Task } from '../../domain/queue/task.ts';
import type { LoggedCommit } from '../../store/event-store.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import type { BackoffPolicy } from '../base/backoff.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { Installed } from '../transaction/install.ts';
import type { Renewal } from './renewal.ts';
import type { Submitted } from './submitted.ts';
import type { Tips } from './tips.ts';

/** The queue as the commands see it. `openQueue` in `open-queue.ts` makes one. */
export interface Queue {
  /** Name of the remote; undefined in local mode, where the local branch is the queue. */
  readonly remote: string | undefined;
  readonly branch: string;
  /** To wait for the branch to move. */
  readonly tips: Tips;
  /**
   * Carries the intent out: fetches, decides, pushes, and tries again where somebody else was first.
   * @throws Failure where it was refused, or could not be carried out; its details say so where that is not certain.
   */
  submit(intent: Intent, options?: SubmitOptions): Promise<Submitted>;
  /** Renews many claims at once: one commit for all of them, or one push of refs where the pool renews by those. */
  renew(intents: readonly HeartbeatIntent[], options?: SubmitOptions): Promise<readonly Renewal[]>;
  /** What this process waits for in renewing its claims, and since when (ms since the epoch); undefined: it has not begun. */
  waitingFor(): Waiting | undefined;
  /** Removes the heartbeat refs that this process has written, where there may be any. Never throws: it is a courtesy. */
  forgetHeartbeats(): Promise<void>;
  /** Decides on the fetched tip and pushes nothing (`--dry-run`). Throws what {@link submit} would throw. */
  plan(intent: Intent): Promise<Submitted>;
  /** Fetches the tip and reads the queue in it; or in a commit that is in the clone, without asking the remote. */
  snapshot(scope: SnapshotScope, options?: SnapshotOptions): Promise<QueueSnapshot>;
  /** Puts what is missing of the kit and of the projects on the branch, which is made where there is none (`init`). */
  install(request: Omit<InstallRequest, 'branch' | 'remote'>): Promise<Installed>;
  /** The commit and those before it, newest first, at most so many. */
  history(from: string, limit: number): AsyncIterable<CommitFacts>;
  /** What happens in the queue, from somewhere on, each event exactly once. */
  watch(options: WatchOptions): AsyncIterable<WatchedEvent>;
  /** Fetches the tip, and tells of the commits that are not older (ms since the epoch; undefined: all), newest first. */
  record(newerThanMs: number | undefined): AsyncIterable<LoggedCommit>;
  /** Heartbeats that are kept as refs: of each claim the newest. None where the remote hides such refs. */
  beats(): Promise<readonly Beat[]>;
  /** The task file's own bytes. */
  taskBytes(entry: TaskEntry): Promise<Uint8Array>;
  /** Fast-forwards the checkout to the commit where that is safe for these paths. Never throws for a refusal. */
  follow(commit: string, paths: readonly string[]): Promise<FollowNotice>;
  /**
   * Sees through what was begun for other processes, then ends helper processes and removes what is temporary. To be called
   * when the caller has its answer.
   * @param interrupt ends the first of it at once; absent: the signal that the queue was opened with
   */
  close(interrupt?: AbortSignal): Promise<void>;
}

/** `remote`: for its answer, since its last one. `turn`: for others of this machine, who push or carry it out. */
export interface Waiting {
  readonly what: 'remote' | 'turn';
  readonly since: number;
}

export interface SubmitOptions {
  /** Gives this intent up, and no other: it throws the signal's reason then, unless it was too late. What was claimed is given back. */
  readonly signal?: AbortSignal;
  /** The same for a caller that takes what has landed by then. */
  readonly until?: AbortSignal;
  /** A tip from which on the intent may have been carried out: an earlier submit of it failed with that, see `unanswered.ts`. */
  readonly base?: string;
  /** An earlier process may have submitted it: the whole history is asked first. */
  readonly again?: true;
}

/** Where to begin to watch, and when to stop. */
export interface WatchOptions {
  readonly from: /** With what happens from now on. */
    | { readonly kind: 'now' }
    /** With all that is known. */
    | { readonly kind: 'beginning' }
    /** After a commit, as git names it. */
    | { readonly kind: 'revision'; readonly revision: string }
    | { readonly kind: 'ago'; readonly ms: number }
    /** Right after the event that carried it. */
    | { readonly kind: 'cursor'; readonly cursor: Cursor };
  /** `stopped`: never; `told`: when there is nothing more to tell; or when nothing happened for a while. */
  readonly until: 'stopped' | 'told' | { readonly idleMs: number };
  /** Called with what the user should know: the remote is away, the branch was re-cut. */
  onNotice(message: string): void;
}

export interface WatchedEvent {
  readonly event: TaskEvent;
  /** The task as it was after the event; undefined where its file cannot be read. */
  readonly task: Task | undefined;
  /** Where to go on after this event. */
  readonly cursor: string;
}

export interface SnapshotOptions {
  /** A commit of the branch that this clone may not have yet, such as one that another process has pushed for us. */
  readonly commit?: string;
  /** A commit of the clone, as git names it: `HEAD`, a branch, an id. */
  readonly revision?: string;
  /** `leave`: the caller reports the files that cannot be read. */
  readonly unreadable?: 'report' | 'leave';
}

/** What became of the user's checkout after a success. A skipped checkout is no failure: the claim stands. */
export type FollowNotice =
  | { readonly kind: 'followed' }
  /** `reason` completes the sentence "the checkout was not updated: ..."; absent where there is nothing to say. */
  | { readonly kind: 'skipped'; readonly reason?: string };

/** Everything that a queue needs from outside. */
export interface OpenQueueOptions {
  /** Where to start looking for the repository; absolute. */
  readonly dir: string;
  /** The environment git runs in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The remote the user named; undefined: `origin`, or local mode in a repository without remotes. */
  readonly remote: string | undefined;
  readonly branch: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  /** Rejected pushes that are tried again before giving up. */
  readonly maxRetries: number;
  readonly backoff: BackoffPolicy;
  /** Most pushes of this user at once to one remote, over all processes of the machine. */
  readonly pushLimit: number;
  /** With whom intents are carried out together: processes of this user (`local`), other machines (`remote`), both. */
  readonly combine: 'local' | 'remote' | 'all' | 'none';
  /**
   * How busy the machine is. On a crowded one everything between looking and pushing takes long, so that others are
   * likely to be first: then a claim is published at once instead of racing. See `helping.ts`.
   */
  readonly host: 'free' | 'crowded';
  /** How many others run on this machine at this moment; absent, or undefined: it does not tell. */
  readonly othersRunning?: () => number | undefined;
  /** How long (ms), since any time, something here was waiting for a core; absent, or undefined: it does not tell. */
  readonly stalledMs?: () => number | undefined;
  /** Longest time (ms) of all that is done with the queue, or of one submit; undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly timeoutOf: 'everything' | 'each-submit';
  /** Whether the checkout may be fast-forwarded after a success (`--no-sync`). */
  readonly sync: boolean;
  onEvent(event: QueueEvent): void;
  /** Called for each git process as it is started. */
  onGitProcess(args: readonly string[]): void;
}
