import { type NothingClaimable, wholePause } from '../../domain/base/claimable.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { expectOutcome } from '../../domain/intents/expect-outcome.ts';
import type { ClaimIntent } from '../../domain/intents/intent.ts';
import { unansweredIn } from '../base/unanswered.ts';
import { wordsOfUnanswered } from '../transaction/asked.ts';
import { afterWaiting } from '../waiting/claim-when-claimable.ts';
import { mayPass } from '../work/faults.ts';
import { type Lease, leaseOf } from '../work/lease.ts';
import { limitAfterInterrupt, orAborted } from '../work/shutdown.ts';
import type { PoolOptions, PoolParts } from './options.ts';

/** What the answer to a claim means for its agent. */
export type Claimed =
  | { readonly kind: 'claimed'; readonly lease: Lease }
  | { readonly kind: 'nothing'; readonly failure: Failure }
  | { readonly kind: 'trouble'; readonly failure: Failure }
  | { readonly kind: 'over' };

/** Asks the queue for tasks. */
export class Claiming {
  readonly #options: Pick<PoolOptions, 'filter' | 'prefer' | 'idle'>;
  readonly #parts: PoolParts;
  readonly #closed: AbortSignal;
  /** Whether the remote has answered a claim. */
  #hasServed = false;
  #nothing: Failure | undefined;
  /** The pause that the pool waits for the end of, in words. */
  #pause: string | undefined;

  /** @param closed aborted when nobody of the pool may claim any more */
  constructor(options: Pick<PoolOptions, 'filter' | 'prefer' | 'idle'>, parts: PoolParts, closed: AbortSignal) {
    this.#options = options;
    this.#parts = parts;
    this.#closed = closed;
  }

  /** Why nothing could be claimed at the last try. */
  get nothing(): Failure | undefined {
    return this.#nothing;
  }

  /** @param except tasks that this agent is not offered, as `project/TASK-ID` */
  intentOf(agent: string, except: readonly string[]): ClaimIntent {
    const { filter, prefer } = this.#options;
    return {
      kind: 'claim',
      request: this.#parts.random.id(),
      agent,
      filter: except.length === 0 ? filter : { ...filter, except },
      ...given({ prefer }),
      attempt: 1,
      waitedMs: 0,
    };
  }

  /**
   * @param first when the intent was submitted first (ms since the epoch), and the tip from which the commit of an
   * earlier try must be looked for
   * @throws any error that will not pass
   */
  async claim(
    intent: ClaimIntent,
    first: { readonly at: number; readonly base: string | undefined },
  ): Promise<Claimed> {
    const { queue, clock } = this.#parts;
    const { agent } = intent;
    const limit = limitAfterInterrupt(this.#parts);
    try {
      const from = given({ base: first.base });
      const submitted = queue.submit(intent, { signal: this.#closed, ...from });
      const { outcome, commit } = await orAborted(submitted, limit.signal);
      const claimed = expectOutcome(outcome, 'claimed');
      this.#hasServed = true;
      this.#pause = undefined;
      return { kind: 'claimed', lease: leaseOf(agent, claimed, commit, { at: first.at, answeredAt: clock.now() }) };
    } catch (error) {
      if (error instanceof Failure && this.#isNothing(error)) {
        if (error.code === 'unknown-project' && this.#nothing === undefined) {
          this.#parts.onEvent({ kind: 'warning', agent, message: `${error.message}; waiting for it` });
        }
        this.#tellPause(error, agent);
        this.#nothing = afterWaiting(error);
        this.#hasServed = true;
        return { kind: 'nothing', failure: error };
      }
      if (limit.signal.aborted) {
        this.warnOf(intent);
        return { kind: 'over' };
      }
      if (this.#closed.aborted) {
        if (unansweredIn(error, intent.request) !== undefined) this.warnOf(intent);
        // A claim landed nevertheless and could not be given back: the user must hear of it.
        else if (error instanceof Failure && error !== this.#closed.reason && error.code === 'interrupted') {
          this.#parts.onEvent({ kind: 'warning', agent, message: error.message });
        }
        return { kind: 'over' };
      }
      if (mayPass(error, this.#hasServed)) return { kind: 'trouble', failure: error };
      throw error;
    } finally {
      limit.release();
    }
  }

  /** A claim has no answer at the end: the user must hear of it. */
  warnOf(intent: ClaimIntent): void {
    this.#parts.onEvent({ kind: 'warning', agent: intent.agent, message: wordsOfUnanswered(intent) });
  }

  /** A pool that waits says once that a pause is why. */
  #tellPause({ message, details }: Failure, agent: string): void {
    const pause = wholePause(details.why as NothingClaimable | undefined);
    const isNews = pause !== undefined && pause !== this.#pause;
    this.#pause = pause;
    if (isNews && this.#options.idle.kind === 'wait') {
      this.#parts.onEvent({ kind: 'warning', agent, message: `${message}; waiting` });
    }
  }

  /** A missing project means "nothing to claim" to a pool that waits for it, or has had tasks of it. */
  #isNothing({ code }: Failure): boolean {
    const isAwaited = this.#options.idle.kind === 'wait' || this.#hasServed;
    return code === 'nothing-claimable' || (code === 'unknown-project' && isAwaited);
  }
}
