import type { QueueEvent } from '../../domain/base/event.ts';
import type { Decided } from '../../domain/deciding/decide.ts';
import { expectOutcome } from '../../domain/intents/expect-outcome.ts';
import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import type { HeartbeatRefs } from '../../store/leases/heartbeat-refs.ts';
import type { QueueStore } from '../../store/queue-store.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { Engine, Pending, Settled, Settlement } from '../base/engine.ts';
import { failureOf } from '../base/refusal.ts';
import type { RejectionRate } from '../base/rejection-rate.ts';
import { help } from '../helping/helping.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import type { Standing } from '../queue/reader.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { RemoteAbilities } from '../transaction/abilities.ts';
import { fixedSource, type IntentSource } from '../transaction/intent-source.ts';
import { lookUp } from '../transaction/recall.ts';
import { rehearse } from '../transaction/tip.ts';
import { transact } from '../transaction/transaction.ts';
import { forgetBeats, sweepBeats, writeBeats } from '../transaction/write-beats.ts';
import { type Again, askAgain } from './again.ts';

/** A queue store with heartbeats as refs beside it. */
export interface StoreWithHeartbeats extends QueueStore {
  readonly heartbeats: HeartbeatRefs;
}

/** The parts of an open repository that carry intents out. The simulation has the same in memory. */
export interface CarrierParts {
  readonly store: StoreWithHeartbeats;
  /** The same, for heartbeats: its pushes wait for no other push of this machine. */
  readonly beatStore: StoreWithHeartbeats;
  readonly abilities: RemoteAbilities;
  readonly rejections: RejectionRate;
  /** Whether other machines are helped and asked for help. */
  readonly others: 'helped' | 'ignored';
}

/** How intents are carried out. */
export type CarrierTerms = Pick<
  OpenQueueOptions,
  'clock' | 'random' | 'backoff' | 'host' | 'cpuPressureMs' | 'maxRetries' | 'at' | 'signal'
> & { readonly critical: CriticalSection; onEvent(event: QueueEvent): void };

/** Carries intents out on one remote: the part of a queue's git side that pushes. */
export class Carrier {
  /** Its work ends with the queue's own signal. */
  readonly engine: Engine;
  readonly #parts: CarrierParts;
  readonly #terms: CarrierTerms;
  readonly #uninterrupted: Engine;

  constructor(parts: CarrierParts, terms: CarrierTerms) {
    this.#parts = parts;
    this.#terms = terms;
    this.engine = this.#engineFor(terms.signal);
    this.#uninterrupted = this.#engineFor(new AbortController().signal);
  }

  /**
   * Carries out everything that joins the source, in one push.
   * @param signal aborted when nothing new may be begun
   * @param cut aborted when work under way must end
   * @param what heartbeats wait for no other push of this machine
   */
  async carryOut(
    source: IntentSource,
    signal: AbortSignal,
    cut: AbortSignal,
    what: 'heartbeats' | 'anything',
  ): Promise<Settlement> {
    const { store, beatStore, abilities, others } = this.#parts;
    const engine = this.#engineFor(signal, cut, what === 'heartbeats' ? beatStore : store);
    const settlement = await (others === 'helped' ? help(engine, abilities, source) : transact(engine, source));
    // Only then were the heartbeats of all agents read.
    const hasJudged = settlement.settled.some((one) => one.kind === 'done' && hasJudgedClaims(one.outcome));
    if (hasJudged) await sweepBeats(store.heartbeats, abilities, this.#terms.clock.now());
    return settlement;
  }

  /** Carries one intent out alone, even after an interrupt: to clean up after it. */
  async carryOutAlone(intent: Intent): Promise<Settled | undefined> {
    const { settled } = await transact(this.#uninterrupted, fixedSource([{ intent, base: undefined }]));
    return settled[0];
  }

  /** Looks up an intent that may have been carried out, even after an interrupt; undefined: it was not. */
  lookUp(pending: Pending): Promise<Settled | undefined> {
    return lookUp(this.#uninterrupted, pending);
  }

  /** The same for an intent without a known base: the whole history is searched. */
  again(intent: Intent): Promise<Again> {
    return askAgain(this.engine, intent);
  }

  /** Decides on the fetched tip, and pushes nothing. @throws what carrying it out would throw */
  async rehearse(intent: Intent): Promise<Submitted> {
    const { clock } = this.#terms;
    const startedAt = clock.now();
    const [decision] = (await rehearse(this.engine, [intent])).decisions;
    if (!decision) throw new Error('one intent, no decision');
    if (decision.kind === 'refused') throw failureOf(decision.refusal);
    const effort = { attempts: 1, rejectedPushes: 0, backoffBaseMs: 0, elapsedMs: clock.now() - startedAt };
    return { outcome: decision.outcome, commit: undefined, base: undefined, ...effort };
  }

  /** Decides heartbeats where the branch was just seen, or is now, and renews nothing. */
  async standing(heartbeats: readonly HeartbeatIntent[], tip?: string): Promise<readonly Standing[]> {
    return standingsOf(await rehearse(this.engine, heartbeats, tip));
  }

  /** Writes heartbeats as refs, in one push. */
  beat(beats: readonly Beat[], signal?: AbortSignal): Promise<'written' | 'refused'> {
    const { beatStore, abilities } = this.#parts;
    const both = signal === undefined ? this.engine : this.#engineFor(AbortSignal.any([this.#terms.signal, signal]));
    return writeBeats(both, beatStore.heartbeats, abilities, beats);
  }

  /** Removes the heartbeat refs that this process has written. Never throws. */
  forgetHeartbeats(): Promise<void> {
    return forgetBeats(this.#parts.beatStore.heartbeats, this.#parts.abilities);
  }

  #engineFor(signal: AbortSignal, cut = NEVER, store: QueueStore = this.#parts.store): Engine {
    const { clock, random, critical, backoff, host, cpuPressureMs, maxRetries, at, onEvent } = this.#terms;
    const { rejections } = this.#parts;
    return {
      store,
      clock,
      random,
      signal,
      cut,
      critical,
      backoff,
      host,
      cpuPressureMs: cpuPressureMs,
      rejections,
      maxRetries,
      at,
      onEvent,
    };
  }
}

/** Whether the outcome depended on whose claims had stalled. */
function hasJudgedClaims(outcome: Outcome): boolean {
  return outcome.kind === 'released-stalled' || (outcome.kind === 'claimed' && outcome.takenFrom !== undefined);
}

const NEVER: AbortSignal = new AbortController().signal;

/** What decided heartbeats say of their claims. @throws Error if others were decided */
export function standingsOf({ decisions }: Decided): readonly Standing[] {
  return decisions.map((decision) =>
    decision.kind === 'refused'
      ? { kind: 'gone', failure: failureOf(decision.refusal) }
      : { kind: 'stands', outcome: expectOutcome(decision.outcome, 'renewed') },
  );
}
