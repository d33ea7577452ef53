import type { Clock, Randomness } from '../../src/domain/base/clock.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import type { Intent } from '../../src/domain/intents/intent.ts';
import { CriticalSection } from '../../src/engine/base/critical-section.ts';
import type { Engine, Pending } from '../../src/engine/base/engine.ts';
import { RejectionRate, UNKNOWN_RATE } from '../../src/engine/base/rejection-rate.ts';
import { Leader } from '../../src/engine/combining/leader.ts';
import { help } from '../../src/engine/helping/helping.ts';
import type { RemoteAbilities } from '../../src/engine/transaction/abilities.ts';
import { transact } from '../../src/engine/transaction/transaction.ts';
import type { Answer, Ticket, TicketEnd } from '../../src/engine/wire/ticket.ts';
import type { PushFault } from './memory-remote.ts';
import { type Delays, MemoryStore } from './memory-store.ts';
import type { ModelRemote } from './model-remote.ts';

/** A process of an agent in the model. It lives until it is killed. */
export interface ModelProcess {
  isAlive: boolean;
}

export interface ModelMachineOptions {
  readonly remote: ModelRemote;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly delays: Delays;
  readonly combine: 'all' | 'remote' | 'none';
  readonly host: 'free' | 'crowded';
  /** `seen`: this machine has lost a race just before it begins. */
  readonly rivals: 'seen' | 'unseen';
  /** Whether the server can push atomically. */
  readonly atomic: boolean;
  readonly maxRetries: number;
  readonly fault: () => PushFault | undefined;
  /** How long (ms) one process takes to reach another one on this machine. */
  readonly hopMs: number;
}

/**
 * The processes of one machine: one leads and carries out everybody's intents, as in `Combiner` with real processes and
 * sockets. Leaders, helping and transactions are the same code that real agents run.
 */
export class ModelMachine {
  readonly #options: ModelMachineOptions;
  readonly #rejections: RejectionRate;
  readonly #never = new AbortController().signal;
  #leading: { readonly leader: Leader; readonly process: ModelProcess } | undefined;
  #atomic: boolean;

  constructor(options: ModelMachineOptions) {
    this.#options = options;
    this.#atomic = options.atomic;
    const [rate, at] = options.rivals === 'seen' ? [0.6, options.clock.now()] : [UNKNOWN_RATE, undefined];
    this.#rejections = new RejectionRate(rate, async () => undefined, at);
  }

  /** @throws the error of carrying it out, or a failure `interrupted` if the process was killed meanwhile */
  async submit(intent: Intent, process: ModelProcess): Promise<Answer> {
    let pending: Pending = { intent, base: undefined };
    for (;;) {
      const { end, base } = await this.#once(pending, process);
      if (!process.isAlive) throw new Failure('interrupted', 'killed');
      pending = { intent, base };
      if (end.kind === 'answered') return end.answer;
      if (end.kind === 'failed') throw end.error;
      if (end.kind === 'cancelled') throw new Error('nobody cancels in the model');
    }
  }

  async #once(
    pending: Pending,
    process: ModelProcess,
  ): Promise<{ readonly end: TicketEnd; readonly base: string | undefined }> {
    const { clock, combine, hopMs } = this.#options;
    const isShared = combine === 'all';
    const isFollower = isShared && this.#leading?.process.isAlive === true;
    if (isFollower) await clock.sleep(hopMs);
    return new Promise((resolve) => {
      let { base } = pending;
      const ticket = (origin: Ticket['origin']): Ticket => ({
        pending,
        origin,
        isGone: false,
        announce: async (announced) => {
          base ??= announced;
        },
        end: (end) => resolve({ end, base }),
      });
      const leading = isShared ? this.#leading : undefined;
      if (leading?.process.isAlive === true) leading.leader.add(ticket('follower'));
      else this.#lead(process, isShared).add(ticket('own'));
    });
  }

  #lead(process: ModelProcess, isShared: boolean): Leader {
    const { clock } = this.#options;
    const leader = new Leader(
      (source, signal) => {
        const engine = this.#engine(process, signal);
        return this.#options.combine === 'none' ? transact(engine, source) : help(engine, this.#abilities(), source);
      },
      clock,
      this.#never,
    );
    const leading = { leader, process };
    if (isShared) this.#leading = leading;
    // The leader adds its own ticket first.
    void Promise.resolve().then(() =>
      leader.run(() => {
        if (this.#leading === leading) this.#leading = undefined;
      }),
    );
    return leader;
  }

  #engine(process: ModelProcess, signal: AbortSignal): Engine {
    const { remote, clock, random, delays, fault, host, maxRetries } = this.#options;
    return {
      store: new MemoryStore({ remote, clock, random, delays, fault, isAlive: () => process.isAlive }),
      clock,
      random,
      signal,
      cut: this.#never,
      // Each engine has a signal of its own: listeners would pile up on a shared one that is never aborted.
      critical: new CriticalSection(new AbortController().signal, clock),
      backoff: { schedule: 'full-jitter', baseMs: 250 },
      host,
      rejections: this.#rejections,
      maxRetries,
      onEvent: () => {},
    };
  }

  #abilities(): RemoteAbilities {
    return {
      canPublish: async () => true,
      canPushAtomically: async () => this.#atomic,
      canLeaveAnswers: async () => true,
      rememberNoAnswers: async () => undefined,
      rememberNoPublishing: async () => undefined,
      rememberNoAtomic: async () => {
        this.#atomic = false;
      },
      deleting: async () => 'possible',
      rememberDeleting: async () => undefined,
    };
  }
}
