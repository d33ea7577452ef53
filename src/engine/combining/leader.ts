import type { Clock } from '../../domain/base/clock.ts';
import type { HandedPack } from '../../git/checkout/handed-pack.ts';
import type { Effort, Pending, Settled, Settlement } from '../base/engine.ts';
import type { IntentSource } from '../transaction/intent-source.ts';
import type { Ticket, TicketEnd } from '../wire/ticket.ts';
import { type HandOverPlan, handOverPlan } from './hand-over-plan.ts';
import { isOurOwn } from './own-failure.ts';

/** Most intents in one push (DESIGN 5). */
const MAX_BATCH = 500;

/**
 * While others arrive, the decision waits until nobody has arrived for `pauseMs`, but at most `longestMs`. 100
 * processes that start at once on 2 cores come in over seconds, and each saved push is worth more than the wait. A lone
 * claim never waits.
 */
const GATHER = { pauseMs: 30, longestMs: 250 };

/**
 * If the machine tells that nothing else runs on it, nobody is about to arrive: starting processes keep its cores busy
 * until they are here. After three such checks, this far apart, the decision does not wait for the pause to end.
 */
const QUIET = { stepMs: 4, times: 3 };

/** Longest wait (ms) for processes that have connected but have not said yet what they want. */
const LET_IN_MS = 50;

/**
 * How many groups a leader carries out for others after its own intents are done. Its caller has its answer by then,
 * and waits for the process to end: see `seeing-through.ts`.
 */
const EXTRA_BATCHES = 1;

/** A push that takes this long (ms) may hang although the remote answers others. */
const LONG_PUSH_MS = 20_000;

/**
 * Carries out everything that joins the source, in one push.
 * @param signal aborted when nothing new may be begun
 * @param cut aborted when work under way must end
 */
export type CarryOut = (source: IntentSource, signal: AbortSignal, cut: AbortSignal) => Promise<Settlement>;

/** What its process tells a leader about the machine. */
export interface LeaderSurroundings {
  /** How many other processes run on this machine now; absent or undefined: it does not tell. */
  readonly othersRunning?: (() => number | undefined) | undefined;
  /** Lets the event loop turn until connections and disconnections so far are seen; absent: nobody can connect. */
  readonly turn?: (() => Promise<void>) | undefined;
  /** Packs what the checkouts of followers lack. Never throws. Absent: no checkout can follow so. */
  readonly handOver?: ((plan: HandOverPlan) => Promise<HandedPack | undefined>) | undefined;
}

/** Carries out the tickets of this process and of its followers, group by group, with one push per group. */
export class Leader {
  readonly #carryOut: CarryOut;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #surroundings: LeaderSurroundings;
  #waiting: Ticket[] = [];
  #joined = new Map<string, Ticket>();
  #dropped = new Set<string>();
  #lastArrival = 0;
  /** How many processes have connected but not said yet what they want. */
  #arriving = 0;
  #stopped = false;
  #onStop = (): void => undefined;
  /** Since when a push is under way. */
  #pushesSince: number | undefined;
  #groupAbort = new AbortController();
  #groupCut = new AbortController();
  /** The requests that were there when the group began. */
  #came: ReadonlySet<string> = new Set();
  /** What is known at the end of a group about the intents without an answer, by request. */
  #open = new Map<string, Pending>();

  constructor(carryOut: CarryOut, clock: Clock, signal: AbortSignal, surroundings: LeaderSurroundings = {}) {
    this.#carryOut = carryOut;
    this.#clock = clock;
    this.#signal = signal;
    this.#surroundings = surroundings;
  }

  /** A process has connected. @returns the function to call when it has said what it wants, or is gone */
  expect(): () => void {
    let isOver = false;
    this.#arriving++;
    return () => {
      if (!isOver) this.#arriving--;
      isOver = true;
    };
  }

  add(ticket: Ticket): void {
    if (this.#stopped) {
      ticket.end({ kind: 'moved', pending: ticket.pending });
      return;
    }
    this.#waiting.push(ticket);
    ticket.cut?.addEventListener('abort', () => this.#cutIfWanted(), { once: true });
    this.#lastArrival = this.#clock.now();
  }

  /** Gives a ticket up: at once if it has not joined a group, else as soon as it certainly will not be carried out. */
  cancel(ticket: Ticket): void {
    if (this.#waiting.includes(ticket)) {
      this.#waiting = this.#waiting.filter((other) => other !== ticket);
      ticket.end({ kind: 'cancelled', pending: ticket.pending });
      if (this.#waiting.length === 0) this.#endUnwanted();
      return;
    }
    const { request } = ticket.pending.intent;
    if (this.#joined.get(request) !== ticket) return;
    this.#dropped.add(request);
    this.#endUnwanted();
  }

  /** Ends the backoff of this group if nobody waits for it any more. */
  #endUnwanted(): void {
    if ([...this.#joined.keys()].every((joined) => this.#dropped.has(joined))) this.#groupAbort.abort();
  }

  /**
   * Serves until its own tickets are done and it is time for its process to end.
   * @param onStop called when no more tickets are taken; late ones are told to move on right after it
   */
  async run(onStop: () => void): Promise<void> {
    this.#onStop = onStop;
    let extra = 0;
    let isFirst = true;
    while (this.#waiting.length > 0 && !this.#signal.aborted && !this.#stopped) {
      const hasOwn = this.#waiting.some((ticket) => ticket.origin === 'own');
      if (!hasOwn && extra++ >= EXTRA_BATCHES) break;
      await this.#group(isFirst ? 'begun before' : 'of its own');
      isFirst = false;
    }
    this.#stop();
  }

  /**
   * Takes no more tickets if the push under way may hang: newcomers would wait for what is none of theirs. Call it now and
   * then. Tickets of that push stay with it.
   */
  stopIfPushHangs(): void {
    const since = this.#pushesSince;
    if (since !== undefined && this.#clock.now() - since >= LONG_PUSH_MS) this.#stop();
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#onStop();
    for (const ticket of this.#waiting.splice(0)) ticket.end({ kind: 'moved', pending: ticket.pending });
  }

  /** @param look the first look of a process may have begun before another could connect: see `early-git.ts` */
  async #group(look: 'begun before' | 'of its own'): Promise<void> {
    this.#groupAbort = new AbortController();
    this.#groupCut = new AbortController();
    this.#open = new Map();
    const signal = AbortSignal.any([this.#signal, this.#groupAbort.signal]);
    const came = [...this.#waiting];
    this.#came = new Set(
      (look === 'of its own' ? came : came.filter(({ origin }) => origin === 'own')).map(
        ({ pending }) => pending.intent.request,
      ),
    );
    try {
      const { settled, ...effort } = await this.#carryOut(this.#source(), signal, this.#groupCut.signal);
      const headOf = (request: string): string | undefined => this.#joined.get(request)?.head;
      const plan = handOverPlan(settled, headOf);
      const isOwn = ({ intent }: Settled): boolean => this.#joined.get(intent.request)?.origin === 'own';
      // Only those who are handed a pack wait for it.
      this.#answer(plan === undefined ? settled : settled.filter(isOwn), effort);
      if (plan !== undefined) this.#answer(settled, effort, await this.#surroundings.handOver?.(plan));
      this.#endAll((ticket) => this.#withoutAnswer(ticket));
    } catch (error) {
      this.#endAll((ticket) => this.#failed(ticket, error));
      // Tickets that were there at the start are answered even if it failed before any had joined, as at the first
      // look.
      for (const ticket of came) if (this.#waiting.includes(ticket)) ticket.end(this.#failed(ticket, error));
      this.#waiting = this.#waiting.filter((ticket) => !came.includes(ticket));
    } finally {
      this.#dropped.clear();
    }
  }

  #answer(settled: readonly Settled[], effort: Effort, pack?: HandedPack): void {
    for (const one of settled) {
      const ticket = this.#joined.get(one.intent.request);
      this.#joined.delete(one.intent.request);
      const own = pack !== undefined && pack.from === ticket?.head ? { pack } : {};
      ticket?.end({ kind: 'answered', answer: { settled: one, ...effort, ...own } });
    }
  }

  /** A ticket that joined after the others had given up must find another leader: nobody pays for others. */
  #failed(ticket: Ticket, error: unknown): TicketEnd {
    const isOthers = this.#groupAbort.signal.aborted || (ticket.origin === 'follower' && isOurOwn(error));
    if (this.#isDropped(ticket) || isOthers) return this.#withoutAnswer(ticket);
    return { kind: 'failed', error, pending: this.#known(ticket) };
  }

  #withoutAnswer(ticket: Ticket): TicketEnd {
    return { kind: this.#isDropped(ticket) ? 'cancelled' : 'moved', pending: this.#known(ticket) };
  }

  #known(ticket: Ticket): Pending {
    return this.#open.get(ticket.pending.intent.request) ?? ticket.pending;
  }

  /**
   * Ends work under way when every caller of this process wants that: the process then ends, or does something else.
   */
  #cutIfWanted(): void {
    const own = [...this.#joined.values()].filter(({ origin }) => origin === 'own');
    if (own.length === 0 || own.some(({ cut }) => cut?.aborted !== true)) return;
    this.#groupCut.abort();
    this.#groupAbort.abort();
  }

  #source(): IntentSource {
    return {
      wasThere: (request) => this.#came.has(request),
      join: async (when) => {
        await this.#letIn();
        if (when === 'last-call') await this.#gather();
        const joining = this.#waiting.splice(0, MAX_BATCH - this.#joined.size);
        for (const ticket of joining) this.#joined.set(ticket.pending.intent.request, ticket);
        return joining.map(({ pending }): Pending => pending);
      },
      hasGivenUp: () => this.#dropped.size > 0,
      drop: (fate) => {
        const dropped = new Set<string>();
        for (const request of this.#dropped) {
          const pending = fate(request);
          if (pending === undefined) continue;
          this.#joined.get(request)?.end({ kind: 'cancelled', pending });
          this.#joined.delete(request);
          this.#dropped.delete(request);
          dropped.add(request);
        }
        return dropped;
      },
      announce: (base) => this.#announce(base),
      pushing: () => {
        this.#pushesSince = this.#clock.now();
        return () => {
          this.#pushesSince = undefined;
        };
      },
      leave: (open) => {
        for (const pending of open) this.#open.set(pending.intent.request, pending);
      },
    };
  }

  /**
   * Tells everybody, and then makes sure that nobody had left before it was told: a follower that leaves untold has
   * told its caller that nothing is done. A leader that was suspended in between once carried out the claim of an agent
   * that had gone.
   */
  async #announce(base: string): Promise<ReadonlySet<string>> {
    const tickets = [...this.#joined.entries()];
    await Promise.all(tickets.map(([, ticket]) => ticket.announce(base)));
    if (tickets.some(([, { origin }]) => origin === 'follower')) await this.#surroundings.turn?.();
    const gone = new Set<string>();
    for (const [request, ticket] of tickets) {
      if (!ticket.isGone) continue;
      this.#joined.delete(request);
      this.#dropped.delete(request);
      gone.add(request);
    }
    return gone;
  }

  /**
   * Lets in the processes that connected while this one was busy. Without it, a leader that twelve were waiting for
   * believed that it was alone, and asked other machines for help: 20 agents for 10 tasks took 1.67 times the floor
   * instead of 1.49 (four pairs).
   */
  async #letIn(): Promise<void> {
    const until = this.#clock.now() + LET_IN_MS;
    await this.#surroundings.turn?.();
    while (this.#arriving > 0 && this.#clock.now() < until) await this.#clock.sleep(1, this.#signal);
  }

  async #gather(): Promise<void> {
    const startedAt = this.#clock.now();
    let quiet = 0;
    // This process has asked for all that it wants at once. Only other processes may still be starting.
    const hasFollower = (): boolean =>
      [...this.#joined.values(), ...this.#waiting].some(({ origin }) => origin === 'follower');
    while (hasFollower() && this.#joined.size + this.#waiting.length > 1) {
      const now = this.#clock.now();
      const left = Math.min(this.#lastArrival + GATHER.pauseMs - now, startedAt + GATHER.longestMs - now);
      if (left <= 0 || this.#joined.size + this.#waiting.length >= MAX_BATCH) return;
      const others = this.#surroundings.othersRunning?.();
      quiet = others === 0 ? quiet + 1 : 0;
      if (quiet === QUIET.times) return;
      await this.#clock.sleep(others === undefined ? left : Math.min(left, QUIET.stepMs), this.#signal);
    }
  }

  #isDropped(ticket: Ticket): boolean {
    return this.#dropped.has(ticket.pending.intent.request);
  }

  #endAll(how: (ticket: Ticket) => TicketEnd): void {
    for (const ticket of this.#joined.values()) ticket.end(how(ticket));
    this.#joined.clear();
  }
}
