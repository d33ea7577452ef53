import type { Clock } from '../../domain/clock.ts';
import type { QueueEvent } from '../../domain/event.ts';
import type { Channel, Leadership, Meet } from '../../machine/meeting.ts';
import type { CriticalSection } from '../critical-section.ts';
import type { Pending, Settled } from '../engine.ts';
import { follow } from './follower.ts';
import { type CarryOut, Leader } from './leader.ts';
import { failureToWire } from './leader-message.ts';
import type { Answer, Ticket, TicketEnd } from './ticket.ts';
import type { LeaderMessage } from './wire.ts';

export interface CombinerOptions {
  /** Meets the processes of this user with the same remote and branch; undefined: combine within this process only. */
  readonly meet: Meet | undefined;
  readonly carryOut: CarryOut;
  /** Looks an intent with a base up on the remote, without doing anything for it. */
  readonly lookUp: (pending: Pending) => Promise<Settled | undefined>;
  readonly clock: Clock;
  /** The process is interrupted. */
  readonly signal: AbortSignal;
  readonly critical: CriticalSection;
  /** See {@link LeaderSurroundings}. */
  readonly othersRunning?: (() => number | undefined) | undefined;
  onEvent(event: QueueEvent): void;
}

/**
 * Most leaders that one intent is handed to. Each has its caller's own push to do, so it is the third at the latest, in
 * practice; past this many, somebody says that it stops leading, and goes on.
 */
const MOST_LEADERS = 20;

/**
 * Local combining (group commit across processes): of all processes of one user that want something of the same queue,
 * one leads and carries out everybody's intents in one push; the others wait for its answer and start no git at all.
 *
 * It is an optimisation only. If two lead at once, or the runtime folder cannot be used, the push decides as ever.
 */
export class Combiner {
  readonly #options: CombinerOptions;
  #leader: Leader | undefined;
  /** Elections in this process happen one after the other, so that its own intents share a leader. */
  #election: Promise<void> = Promise.resolve();

  constructor(options: CombinerOptions) {
    this.#options = options;
  }

  /**
   * @param cancel aborted when the caller gives up (deadline or interrupt)
   * @throws what `cancel` was aborted with, when the intent is certainly not carried out; else what carrying out threw
   */
  async submit(submitted: Pending, cancel: AbortSignal): Promise<Answer> {
    let pending = submitted;
    for (let leaders = 0; ; leaders++) {
      if (cancel.aborted) return this.#lastLook(pending, cancel);
      const followed = await this.#once(pending, cancel, leaders < MOST_LEADERS ? this.#options.meet : undefined);
      pending = followed.pending;
      const { end } = followed;
      switch (end.kind) {
        case 'answered':
          return end.answer;
        case 'failed':
          throw end.error;
        case 'cancelled':
          throw cancel.reason;
        case 'moved':
          break;
      }
    }
  }

  /** The caller has given up, but a leader that is gone may have carried the intent out: only the remote can tell. */
  async #lastLook(pending: Pending, cancel: AbortSignal): Promise<Answer> {
    const { lookUp, critical } = this.#options;
    const settled = pending.base === undefined ? undefined : await critical.run(() => lookUp(pending));
    if (settled) return { settled, attempts: 1, rejectedPushes: 0, backoffBaseMs: 0 };
    throw cancel.reason;
  }

  async #once(
    pending: Pending,
    cancel: AbortSignal,
    meet: Meet | undefined,
  ): Promise<{ end: TicketEnd; pending: Pending }> {
    const role = await this.#elect(meet);
    if (role.kind === 'follower') {
      const following = this.#options.critical.run(() => follow(role.channel, pending, cancel, this.#options.clock));
      this.#options.onEvent({ kind: 'following' });
      return following;
    }
    return this.#lead(role.leader, pending, cancel);
  }

  #lead(leader: Leader, pending: Pending, cancel: AbortSignal): Promise<{ end: TicketEnd; pending: Pending }> {
    return new Promise((resolve) => {
      let { base } = pending;
      const ticket: Ticket = {
        pending,
        origin: 'own',
        announce: async (announced) => {
          base ??= announced;
        },
        end: (end) => {
          cancel.removeEventListener('abort', giveUp);
          resolve({ end, pending: { intent: pending.intent, base } });
        },
      };
      const giveUp = (): void => leader.cancel(ticket);
      leader.add(ticket);
      if (cancel.aborted) giveUp();
      else cancel.addEventListener('abort', giveUp, { once: true });
    });
  }

  async #elect(
    meet: Meet | undefined,
  ): Promise<{ kind: 'leader'; leader: Leader } | { kind: 'follower'; channel: Channel }> {
    const before = this.#election;
    let elected = (): void => undefined;
    this.#election = new Promise((resolve) => {
      elected = resolve;
    });
    await before;
    try {
      if (this.#leader) return { kind: 'leader', leader: this.#leader };
      if (!meet) return { kind: 'leader', leader: this.#start(this.#newLeader(undefined), undefined) };
      let leadership: Leadership | undefined;
      const leader = this.#newLeader(async () => leadership?.caughtUp());
      const met = await meet((follower) => void this.#accept(leader, follower));
      if (met.kind === 'follow') return { kind: 'follower', channel: met.leader };
      if (met.kind === 'lead') leadership = met;
      return { kind: 'leader', leader: this.#start(leader, leadership) };
    } finally {
      elected();
    }
  }

  #newLeader(turn: (() => Promise<void>) | undefined): Leader {
    const { carryOut, clock, signal, othersRunning } = this.#options;
    return new Leader(carryOut, clock, signal, { othersRunning, turn });
  }

  /** Begins to lead. The first ticket is added by the caller in the same turn of the event loop, before `run` looks. */
  #start(leader: Leader, leadership: Leadership | undefined): Leader {
    this.#leader = leader;
    setImmediate(async () => {
      await leader.run(() => {
        // From here on nothing can be added: who comes now finds no leader here, and elects another.
        this.#leader = undefined;
        leadership?.leave();
      });
    });
    return leader;
  }

  async #accept(leader: Leader, follower: Channel): Promise<void> {
    const isKnown = leader.expect();
    // Listen first: what arrives while the schemas are loaded must not be lost.
    const received: unknown[] = [];
    let receive = (value: unknown): void => void received.push(value);
    follower.onMessage((value) => receive(value));
    let ticket: Ticket | undefined;
    let isGone = false;
    // A follower that died while it waited wants nothing any more; one whose intent is under way is seen through.
    follower.onClose(() => {
      isGone = true;
      isKnown();
      if (ticket) leader.cancel(ticket);
    });
    const { isCancellation, parseSubmission } = await import('./follower-message.ts');
    if (isGone) return;

    receive = (value) => {
      if (ticket) {
        if (isCancellation(value)) leader.cancel(ticket);
        return;
      }
      const pending = parseSubmission(value);
      if (!pending) {
        follower.avoid();
        return;
      }
      isKnown();
      ticket = {
        pending,
        origin: 'follower',
        announce: async (base) => void (await follower.send({ kind: 'taken', base } satisfies LeaderMessage)),
        end: (end) => void follower.send(toMessage(end)).then(() => follower.close()),
      };
      leader.add(ticket);
    };
    for (const value of received) receive(value);
  }
}

function toMessage(end: TicketEnd): LeaderMessage {
  switch (end.kind) {
    case 'answered':
      return { kind: 'answer', ...end.answer };
    case 'failed':
      return { kind: 'failed', failure: failureToWire(end.error) };
    case 'cancelled':
    case 'moved':
      return { kind: end.kind };
  }
}
