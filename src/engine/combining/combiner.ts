import type { Socket } from 'node:net';
import type { Clock } from '../../domain/clock.ts';
import type { QueueEvent } from '../../domain/event.ts';
import type { CriticalSection } from '../critical-section.ts';
import type { Pending, Settled } from '../engine.ts';
import { follow } from './follower.ts';
import { type CarryOut, Leader } from './leader.ts';
import { failureToWire } from './leader-message.ts';
import { connect, listenExclusively } from './socket.ts';
import type { Answer, Ticket, TicketEnd } from './ticket.ts';
import { type LeaderMessage, onMessage, send } from './wire.ts';

export interface CombinerOptions {
  /** Where processes of this user with the same remote and branch meet; undefined: combine within this process only. */
  readonly socketPath: string | undefined;
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
    for (;;) {
      if (cancel.aborted) return this.#lastLook(pending, cancel);
      const followed = await this.#once(pending, cancel);
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

  async #once(pending: Pending, cancel: AbortSignal): Promise<{ end: TicketEnd; pending: Pending }> {
    const role = await this.#elect();
    if (role.kind === 'follower') {
      const following = this.#options.critical.run(() => follow(role.socket, pending, cancel, this.#options.clock));
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

  async #elect(): Promise<{ kind: 'leader'; leader: Leader } | { kind: 'follower'; socket: Socket }> {
    const before = this.#election;
    let elected = (): void => undefined;
    this.#election = new Promise((resolve) => {
      elected = resolve;
    });
    await before;
    try {
      if (this.#leader) return { kind: 'leader', leader: this.#leader };
      const { socketPath } = this.#options;
      if (socketPath === undefined) return { kind: 'leader', leader: this.#start(undefined) };
      for (;;) {
        const socket = await connect(socketPath);
        if (socket) return { kind: 'follower', socket };
        const leader = this.#newLeader();
        const listening = await listenExclusively(socketPath, (connection) => void this.#accept(leader, connection));
        if (listening.kind === 'taken') continue;
        return {
          kind: 'leader',
          leader: this.#start(listening.kind === 'listening' ? listening : undefined, leader),
        };
      }
    } finally {
      elected();
    }
  }

  #newLeader(): Leader {
    const { carryOut, clock, signal, othersRunning, socketPath } = this.#options;
    const turn = (): Promise<void> => new Promise(setImmediate);
    return new Leader(carryOut, clock, signal, { othersRunning, turn: socketPath === undefined ? undefined : turn });
  }

  /** Begins to lead. The first ticket is added by the caller in the same turn of the event loop, before `run` looks. */
  #start(listening: { close(): void } | undefined, leader = this.#newLeader()): Leader {
    this.#leader = leader;
    setImmediate(async () => {
      await leader.run(() => {
        // From here on nothing can be added: who comes now finds no leader here, and elects another.
        this.#leader = undefined;
        listening?.close();
      });
    });
    return leader;
  }

  async #accept(leader: Leader, socket: Socket): Promise<void> {
    const isKnown = leader.expect();
    // Listen first: what arrives while the schemas are loaded must not be lost.
    const received: unknown[] = [];
    let receive = (value: unknown): void => void received.push(value);
    onMessage(socket, (value) => receive(value));
    let ticket: Ticket | undefined;
    // A follower that died while it waited wants nothing any more; one whose intent is under way is seen through.
    socket.on('close', () => {
      isKnown();
      if (ticket) leader.cancel(ticket);
    });
    const { isCancellation, parseSubmission } = await import('./follower-message.ts');
    if (socket.destroyed) return;

    receive = (value) => {
      if (ticket) {
        if (isCancellation(value)) leader.cancel(ticket);
        return;
      }
      const pending = parseSubmission(value);
      if (!pending) {
        socket.destroy();
        return;
      }
      isKnown();
      ticket = {
        pending,
        origin: 'follower',
        announce: (base) => send(socket, { kind: 'taken', base }),
        end: (end) => void send(socket, toMessage(end)).then(() => socket.end()),
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
