import type { ClaimIntent, Intent } from '../../domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../domain/intents/outcome.ts';
import { unansweredIn } from '../base/unanswered.ts';
import type { FollowNotice, Queue, QueuePlace, SubmitOptions, Waiting } from '../queue/queue.ts';
import type { Reader } from '../queue/reader.ts';
import type { Registry } from '../queue/registry.ts';
import type { Renewal } from '../queue/renewal.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tips } from '../queue/tips.ts';

/** A claim that may have landed or may still land, and the tip from which its commit must be looked for. */
export interface DoubtfulClaim {
  readonly intent: ClaimIntent;
  readonly base: string;
}

export interface CallQueueOptions {
  /** Aborted when nobody wants the answer of this call any more. */
  readonly signal: AbortSignal;
  now(): number;
  /**
   * A claim has landed, before the call goes on with it.
   * @param askedAt when it was asked for first (ms since the epoch)
   */
  onClaimed(claimed: ClaimedOutcome, submitted: Submitted, askedAt: number): void;
}

/**
 * The queue of a session as one of its calls sees it. What it submits is given up when the call is, and the session
 * learns of every claim, also of one that the call itself never learns of.
 */
export class CallQueue implements Queue {
  readonly #queue: Queue;
  readonly #options: CallQueueOptions;
  readonly #askedAt = new Map<string, number>();
  readonly #doubts = new Map<string, DoubtfulClaim>();

  constructor(queue: Queue, options: CallQueueOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  get place(): QueuePlace {
    return this.#queue.place;
  }

  get tips(): Tips {
    return this.#queue.tips;
  }

  /** Claims of this call whose outcome is not known. */
  get doubts(): readonly DoubtfulClaim[] {
    return [...this.#doubts.values()];
  }

  async submit(intent: Intent, options: SubmitOptions = {}): Promise<Submitted> {
    const { signal: own, now, onClaimed } = this.#options;
    const askedAt = this.#askedAt.get(intent.request) ?? now();
    this.#askedAt.set(intent.request, askedAt);
    const signal = options.signal === undefined ? own : AbortSignal.any([own, options.signal]);
    let submitted: Submitted;
    try {
      submitted = await this.#queue.submit(intent, { ...options, signal });
    } catch (error) {
      const known = unansweredIn(error, intent.request);
      // A later error does not say that the first try has not landed.
      if (intent.kind === 'claim' && known !== undefined) {
        this.#doubts.set(intent.request, { intent, base: known.base });
      }
      throw error;
    }
    this.#doubts.delete(intent.request);
    if (submitted.outcome.kind === 'claimed') onClaimed(submitted.outcome, submitted, askedAt);
    return submitted;
  }

  renew(...args: Parameters<Queue['renew']>): Promise<readonly Renewal[]> {
    return this.#queue.renew(...args);
  }

  read(from?: 'tip' | 'clone'): Promise<Reader> {
    return this.#queue.read(from);
  }

  install(...args: Parameters<Queue['install']>): ReturnType<Queue['install']> {
    return this.#queue.install(...args);
  }

  userName(): Promise<string | undefined> {
    return this.#queue.userName();
  }

  installWorkflows(...args: Parameters<Queue['installWorkflows']>): ReturnType<Queue['installWorkflows']> {
    return this.#queue.installWorkflows(...args);
  }

  mergeBranches(...args: Parameters<Queue['mergeBranches']>): ReturnType<Queue['mergeBranches']> {
    return this.#queue.mergeBranches(...args);
  }

  moveProject(...args: Parameters<Queue['moveProject']>): ReturnType<Queue['moveProject']> {
    return this.#queue.moveProject(...args);
  }

  follow(commits: readonly string[]): Promise<FollowNotice> {
    return this.#queue.follow(commits);
  }

  waitingFor(): Waiting | undefined {
    return this.#queue.waitingFor();
  }

  registry(): Promise<Registry> {
    return this.#queue.registry();
  }

  health(): ReturnType<Queue['health']> {
    return this.#queue.health();
  }

  forgetHeartbeats(): Promise<void> {
    return this.#queue.forgetHeartbeats();
  }

  /** Does nothing: the session closes its queue. */
  async close(): Promise<void> {}
}
