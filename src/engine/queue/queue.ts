import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { InstallRequest } from '../../domain/deciding/install.ts';
import type { HeartbeatIntent, Intent } from '../../domain/queue/intent.ts';
import type { BackoffPolicy } from '../base/backoff.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { Installed } from '../transaction/install.ts';
import type { Reader } from './reader.ts';
import type { Renewal } from './renewal.ts';
import type { Submitted } from './submitted.ts';
import type { Tips } from './tips.ts';

/**
 * A queue that a command has opened: one half changes it, the other reads it. `openQueue` in `open/open-queue.ts` makes one,
 * and `open/opened-queue.ts` is what it makes.
 */
export interface Queue {
  readonly place: QueuePlace;
  /** To wait for the branch to move. */
  readonly tips: Tips;
  /**
   * Carries the intent out: fetches, decides, pushes, and tries again where somebody else was first.
   * @throws Failure where it was refused, or could not be carried out; its details say so where that is not certain.
   */
  submit(intent: Intent, options?: SubmitOptions): Promise<Submitted>;
  /** Renews many claims at once: one commit for all of them, or one push of refs where the pool renews by those. */
  renew(intents: readonly HeartbeatIntent[], options?: SubmitOptions): Promise<readonly Renewal[]>;
  /**
   * The half that only reads.
   * @param from what is read first: at the `tip` the remote is asked at once, while the rest of git is opened; default `tip`
   */
  read(from?: 'tip' | 'clone'): Promise<Reader>;
  /** Puts what is missing of the kit and of the projects on the branch, which is made where there is none (`init`). */
  install(request: Omit<InstallRequest, 'branch' | 'remote'>): Promise<Installed>;
  /** Fast-forwards the checkout to the commit where that is safe for these paths. Never throws for a refusal. */
  follow(commit: string, paths: readonly string[]): Promise<FollowNotice>;
  /** What this process waits for in renewing its claims, and since when (ms since the epoch); undefined: it has not begun. */
  waitingFor(): Waiting | undefined;
  /** Removes the heartbeat refs that this process has written, where there may be any. Never throws: it is a courtesy. */
  forgetHeartbeats(): Promise<void>;
  /**
   * Sees through what was begun for other processes, then ends helper processes and removes what is temporary. To be called
   * when the caller has its answer.
   * @param interrupt ends the first of it at once; absent: the signal that the queue was opened with
   */
  close(interrupt?: AbortSignal): Promise<void>;
}

/** Where a queue is. */
export interface QueuePlace {
  readonly branch: string;
  /** Name of the remote; undefined in local mode, where the local branch is the queue. */
  readonly remote: string | undefined;
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
  readonly cpuPressureMs?: () => number | undefined;
  /** Longest time (ms) of all that is done with the queue, or of one submit; undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly timeoutOf: 'everything' | 'each-submit';
  /** Whether the checkout may be fast-forwarded after a success (`--no-sync`). */
  readonly sync: boolean;
  onEvent(event: QueueEvent): void;
  /** Called for each git process as it is started. */
  onGitProcess(args: readonly string[]): void;
}
