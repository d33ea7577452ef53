import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import type { InstallRequest } from '../../domain/kit/install.ts';
import type { WorkflowsRequest } from '../../domain/kit/workflows.ts';
import type { MeetAt } from '../../machine/meet-server/meet-server.ts';
import type { BackoffPolicy } from '../base/backoff.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { Installed } from '../kit/install.ts';
import type { WorkflowsInstalled } from '../kit/workflows.ts';
import type { Merged, MergeRequest } from '../merging/merge.ts';
import type { Moved, MoveRequest } from '../merging/move.ts';
import type { Health } from './health.ts';
import type { Reader } from './reader.ts';
import type { Registry } from './registry.ts';
import type { Renewal } from './renewal.ts';
import type { Submitted } from './submitted.ts';
import type { Tips } from './tips.ts';

/**
 * A queue that a command has opened. One half changes it, the other reads it. `openQueue` in `open/open-queue.ts` opens
 * one; `open/opened-queue.ts` implements it.
 */
export interface Queue {
  readonly place: QueuePlace;
  /** Waits for the branch to move. */
  readonly tips: Tips;
  /**
   * Carries the intent out: fetches, decides, pushes, and tries again if another push was first.
   * @throws Failure if it was refused or could not be carried out; its details say so if that is not certain
   */
  submit(intent: Intent, options?: SubmitOptions): Promise<Submitted>;
  /** Renews many claims at once: one commit for all, or one push of refs if the pool renews by refs. */
  renew(intents: readonly HeartbeatIntent[], options?: SubmitOptions): Promise<readonly Renewal[]>;
  /**
   * Opens the half that only reads.
   * @param from what is read first: for the `tip`, the remote is asked while the rest of git is opened; default `tip`
   */
  read(from?: 'tip' | 'clone'): Promise<Reader>;
  /**
   * Adds missing files of the kit and of the projects to the branch, and makes the branch if there is none (`init`).
   */
  install(request: Omit<InstallRequest, 'branch' | 'remote'>): Promise<Installed>;
  /** The name of the user, as git has it; undefined: git has none. */
  userName(): Promise<string | undefined>;
  /** Puts workflows on the remote's default branch (`init --workflows`). */
  installWorkflows(request: Omit<WorkflowsRequest, 'branch'>): Promise<WorkflowsInstalled>;
  /** Merges this branch and the branches of projects, in both directions (`merge`). */
  mergeBranches(request: Omit<MergeRequest, 'main'>): Promise<Merged>;
  /** Lets a project live on another branch (`branch`). */
  moveProject(request: Omit<MoveRequest, 'main'>): Promise<Moved>;
  /**
   * Fast-forwards the checkout to the newest of these commits of the branch if that is safe. Never throws for a
   * refusal.
   */
  follow(commits: readonly string[]): Promise<FollowNotice>;
  /**
   * What this process waits for to renew its claims, and since when (ms since the epoch); undefined: it has not begun.
   */
  waitingFor(): Waiting | undefined;
  /** Who is at work on the queue. The git side is opened when it is first used. */
  registry(): Promise<Registry>;
  /** What can be found out about the clone and its server (`doctor`). */
  health(): Promise<Health>;
  /** Removes the heartbeat refs that this process has written, if any. Never throws: it is a courtesy. */
  forgetHeartbeats(): Promise<void>;
  /**
   * Finishes what was begun for other processes, then ends helper processes and removes temporary files. Call it when
   * the caller has its answer.
   * @param interrupt ends the work for others at once; absent: the signal with which the queue was opened
   */
  close(interrupt?: AbortSignal): Promise<void>;
}

export interface QueuePlace {
  readonly branch: string;
  /** Name of the remote; undefined in local mode, where the local branch is the queue. */
  readonly remote: string | undefined;
}

/** `remote`: for its next answer, since its last one. `turn`: for other processes of this machine that push or lead. */
export interface Waiting {
  readonly what: 'remote' | 'turn';
  readonly since: number;
}

export interface SubmitOptions {
  /**
   * Gives up this intent only: submitting then throws the signal's reason, unless it was too late. A claim is given
   * back.
   */
  readonly signal?: AbortSignal;
  /** The same for a caller that keeps what has landed by then. */
  readonly until?: AbortSignal;
  /**
   * A tip after which the intent may have been carried out, from the failure of an earlier submit: see `unanswered.ts`.
   */
  readonly base?: string;
  /** An earlier process may have submitted it: the whole history is searched first. */
  readonly again?: true;
}

/** What became of the user's checkout after a success. A skipped checkout is not a failure: the claim stands. */
export type FollowNotice =
  | { readonly kind: 'followed' }
  /**
   * There is nothing to say: it is not wanted, there is no checkout, or (`beside-code`) the branch holds nothing but
   * the queue, and is not checked out by design.
   */
  | { readonly kind: 'skipped'; readonly because?: 'beside-code'; readonly reason?: undefined }
  /**
   * `reason` completes the sentence "the checkout was not updated: ...". It may name files; `because` is the same for
   * the same cause.
   */
  | {
      readonly kind: 'skipped';
      readonly because: 'not-on-branch' | 'diverged' | 'dirty' | 'busy' | 'failed';
      readonly reason: string;
    };

/** Everything that a queue needs from outside. */
export interface OpenQueueOptions {
  /** Where to start looking for the repository; absolute. */
  readonly dir: string;
  /** The environment git runs in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The remote that the user named; undefined: `origin`, or local mode in a repository without remotes. */
  readonly remote: string | undefined;
  readonly branch: string;
  /**
   * Whether projects on other branches are part of the queue, as the settings say, or only this branch is looked at.
   * Absent: they are part of it.
   */
  readonly reach?: 'every-branch' | 'this-branch' | undefined;
  /** Other branches that the first look shows, too; absent: none are known. */
  readonly alsoShown?: readonly string[];
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
  /** Whether the processes of this user share a connection where git reaches the remote by ssh. */
  readonly ssh: 'shared' | 'apart';
  /** Who carries intents out together: processes of this user (`local`), machines (`remote`), both (`all`), nobody. */
  readonly combine: 'local' | 'remote' | 'all' | 'none';
  /**
   * Where the leaders of machines meet, besides the git server; absent: nowhere. Used as far as `combine` lets other
   * machines carry our intents out. If that place does not answer, an event says so once, and git is enough.
   */
  readonly meet?: MeetAt | undefined;
  /**
   * How busy the machine is. On a crowded one, whoever waits for others looks less often. That alone is no sign that
   * others want the same branch, see `next-move.ts`.
   */
  readonly host: 'free' | 'crowded';
  /** How many other processes run on this machine at this moment; absent or undefined: it does not tell. */
  readonly othersRunning?: () => number | undefined;
  /** Total time (ms) that something on this machine waited for a core; absent or undefined: it does not tell. */
  readonly cpuPressureMs?: () => number | undefined;
  /** Limit (ms) for all work on the queue, or for one submit; undefined: no limit. */
  readonly timeoutMs: number | undefined;
  readonly timeoutOf: 'everything' | 'each-submit';
  /** Whether the checkout may be fast-forwarded after a success (`--no-sync`). */
  readonly sync: boolean;
  onEvent(event: QueueEvent): void;
  /** Called for each git process as it is started. `ended` settles when it has ended; absent: nobody waits for it. */
  onGitProcess(args: readonly string[], ended?: Promise<void>): void;
}
