import type { Clock } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import { given } from '../../domain/base/given.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { Channel, Leadership, Meet } from '../../machine/meeting.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { Deadline } from '../base/deadline.ts';
import type { Pending, Settled } from '../base/engine.ts';
import { failureToWire } from '../wire/leader-message.ts';
import type { Ended, Ticket, TicketEnd } from '../wire/ticket.ts';
import type { LeaderMessage } from '../wire/wire.ts';
import { ALIVE_MS, follow } from './follower.ts';
import { type CarryOut, Leader, type LeaderSurroundings } from './leader.ts';

export interface CombinerOptions {
  /** Meets the processes of this user with the same remote and branch; undefined: combine within this process only. */
  readonly meet: Meet | undefined;
  readonly carryOut: CarryOut;
  /** Looks up on the remote an intent that has a base, without carrying it out. */
  readonly lookUp: (pending: Pending) => Promise<Settled | undefined>;
  readonly clock: Clock;
  /** The process is interrupted. */
  readonly signal: AbortSignal;
  readonly critical: CriticalSection;
  /** See {@link LeaderSurroundings}. */
  readonly othersRunning?: (() => number | undefined) | undefined;
  /** See {@link LeaderSurroundings}. */
  readonly handOver?: LeaderSurroundings['handOver'];
  /** Where our checkout is, if it could follow what comes of the intent by a pack; absent: it never could. */
  readonly head?: ((intent: Intent) => string | undefined) | undefined;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  onEvent(event: QueueEvent): void;
}

/**
 * Most leaders that one intent is handed to. Each has its own caller's push to do, so in practice the third takes it at
 * the latest. After this many, the process combines with nobody else.
 */
const MOST_LEADERS = 20;

/**
 * Local combining (group commit across processes). Of all processes of one user that want something from the same
 * queue, one leads and carries out everybody's intents in one push. The others wait for its answer and start no git at
 * all.
 *
 * It is only an optimisation. If two lead at once, or the runtime folder cannot be used, the push decides as always.
 */
export class Combiner {
  readonly #options: CombinerOptions;
  #leader: Leader | undefined;
  /** Elections in this process happen one after another, so that its own intents share a leader. */
  #election: Promise<void> = Promise.resolve();
  /** Work under way here for others, besides {@link submit}. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: CombinerOptions) {
    this.#options = options;
  }

  /**
   * Carries the intent out, as the leader or through one. Errors of carrying out are returned, not thrown.
   * @param onTaken called when the intent may be carried out from now on, with the tip at which it was not
   */
  async submit(submitted: Pending, deadline: Deadline, onTaken: (base: string) => void): Promise<Ended> {
    let pending = submitted;
    for (let leaders = 0; ; leaders++) {
      if (deadline.stop.aborted) return this.#lastLook(pending, deadline);
      const end = await this.#once(pending, deadline, onTaken, leaders < MOST_LEADERS ? this.#options.meet : undefined);
      switch (end.kind) {
        case 'answered':
        case 'failed':
          return end;
        case 'cancelled':
          if (deadline.stop.aborted) return { kind: 'failed', error: deadline.stop.reason, pending: end.pending };
          pending = end.pending;
          break;
        case 'moved':
          pending = end.pending;
      }
    }
  }

  /** Resolves when this process leads nobody, and every process that it led has its answer. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #keep(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  /** The caller has given up, but a leader that is gone may have carried the intent out. Only the remote can tell. */
  async #lastLook(pending: Pending, deadline: Deadline): Promise<Ended> {
    const { lookUp, critical } = this.#options;
    const error: unknown = deadline.stop.reason;
    if (pending.base === undefined) return { kind: 'failed', error, pending };
    // A push of that leader may still be on its way: if the intent is not there now, that is not an answer.
    const settled = await critical.run(() => lookUp(pending)).catch(() => undefined);
    return settled === undefined
      ? { kind: 'failed', error, pending }
      : { kind: 'answered', answer: { settled, attempts: 1, rejectedPushes: 0, backoffBaseMs: 0 } };
  }

  async #once(
    pending: Pending,
    deadline: Deadline,
    onTaken: (base: string) => void,
    meet: Meet | undefined,
  ): Promise<TicketEnd> {
    const role = await this.#elect(meet);
    if (role.kind === 'leader') return lead(role.leader, pending, deadline, onTaken);
    const { clock, critical, at, onEvent } = this.#options;
    const head = this.#options.head?.(pending.intent);
    const following = critical.run(() => follow(role.channel, pending, { deadline, clock, at, head, onTaken }));
    onEvent({ kind: 'following' });
    return following;
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
      if (!meet) return { kind: 'leader', leader: this.#start(this.#newLeader(undefined), undefined, new Set()) };
      let leadership: Leadership | undefined;
      const followers = new Set<Channel>();
      const leader = this.#newLeader(async () => leadership?.caughtUp());
      const met = await meet((follower) => {
        followers.add(follower);
        follower.onClose(() => followers.delete(follower));
        void this.#accept(leader, follower);
      });
      if (met.kind === 'follow') return { kind: 'follower', channel: met.leader };
      if (met.kind === 'lead') {
        leadership = met;
        this.#options.at?.('elected');
      }
      return { kind: 'leader', leader: this.#start(leader, leadership, followers) };
    } finally {
      elected();
    }
  }

  #newLeader(turn: (() => Promise<void>) | undefined): Leader {
    const { carryOut, clock, signal, othersRunning, handOver } = this.#options;
    return new Leader(carryOut, clock, signal, { othersRunning, turn, handOver });
  }

  /** Begins to lead. The caller adds the first ticket in the same turn of the event loop, before `run` looks. */
  #start(leader: Leader, leadership: Leadership | undefined, followers: ReadonlySet<Channel>): Leader {
    this.#leader = leader;
    this.#keep(this.#lead(leader, leadership, followers));
    return leader;
  }

  async #lead(leader: Leader, leadership: Leadership | undefined, followers: ReadonlySet<Channel>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const over = new AbortController();
    if (leadership) void this.#sayAlive(leader, followers, over.signal);
    await leader.run(() => {
      // From here on nothing can be added: processes that come now find no leader here, and elect another.
      if (this.#leader === leader) this.#leader = undefined;
      leadership?.leave();
    });
    over.abort();
  }

  /**
   * Tells followers regularly that this leader lives: they take a silent leader for suspended. A leader whose push
   * hangs leaves its place, and finishes its work beside the next one.
   */
  async #sayAlive(leader: Leader, followers: ReadonlySet<Channel>, over: AbortSignal): Promise<void> {
    const message: LeaderMessage = { kind: 'alive' };
    try {
      for (;;) {
        await this.#options.clock.sleep(ALIVE_MS, over);
        for (const follower of followers) void follower.send(message);
        leader.stopIfPushHangs();
      }
    } catch {
      // This process leads no more.
    }
  }

  async #answer(follower: Channel, end: TicketEnd): Promise<void> {
    const { at } = this.#options;
    at?.('answering');
    await follower.send(toMessage(end));
    at?.('answered');
    follower.close();
  }

  async #accept(leader: Leader, follower: Channel): Promise<void> {
    const isKnown = leader.expect();
    // Listen first: messages that arrive while the schemas are loaded must not be lost.
    const received: unknown[] = [];
    let receive = (value: unknown): void => void received.push(value);
    follower.onMessage((value) => receive(value));
    let ticket: Ticket | undefined;
    let isGone = false;
    // A follower that died while it waited wants nothing any more. If its intent is under way, it is seen through.
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
      const submission = parseSubmission(value);
      if (!submission) {
        follower.avoid();
        return;
      }
      isKnown();
      ticket = {
        ...submission,
        origin: 'follower',
        get isGone() {
          return isGone;
        },
        announce: async (base) => void (await follower.send({ kind: 'taken', base } satisfies LeaderMessage)),
        end: (end) => this.#keep(this.#answer(follower, end)),
      };
      leader.add(ticket);
      this.#options.at?.('accepted');
    };
    for (const value of received) receive(value);
  }
}

function lead(
  leader: Leader,
  pending: Pending,
  deadline: Deadline,
  onTaken: (base: string) => void,
): Promise<TicketEnd> {
  return new Promise((resolve) => {
    const ticket: Ticket = {
      pending,
      origin: 'own',
      cut: deadline.cut,
      isGone: false,
      announce: async (base) => onTaken(base),
      end: (end) => {
        deadline.stop.removeEventListener('abort', giveUp);
        resolve(end);
      },
    };
    const giveUp = (): void => leader.cancel(ticket);
    leader.add(ticket);
    if (deadline.stop.aborted) giveUp();
    else deadline.stop.addEventListener('abort', giveUp, { once: true });
  });
}

function toMessage(end: TicketEnd): LeaderMessage {
  if (end.kind === 'answered') return { kind: 'answer', ...end.answer };
  const { base } = end.pending;
  const known = given({ base });
  return end.kind === 'failed'
    ? { kind: 'failed', failure: failureToWire(end.error), ...known }
    : { kind: end.kind, ...known };
}
