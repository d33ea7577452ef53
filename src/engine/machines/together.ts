import type { Clock } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { Channel, Leadership, Meet } from '../../machine/meeting.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { Pending, Settled, Settlement } from '../base/engine.ts';
import type { CarryOut } from '../combining/leader.ts';
import type { IntentSource } from '../transaction/intent-source.ts';
import { followMachine } from './following.ts';
import { Guests } from './guests.ts';
import { HeldSource } from './held-source.ts';

/** Most leaders that the same intents are handed to. After that, their own machine carries them out. */
const MOST_LEADERS = 20;

export interface TogetherOptions {
  /** Meets other machines at a server. */
  readonly meet: Meet;
  readonly carryOut: CarryOut;
  /** Looks up on the remote an intent that has a base, without carrying it out, also after an interrupt. */
  readonly lookUp: (pending: Pending) => Promise<Settled | undefined>;
  readonly clock: Clock;
  readonly critical: CriticalSection;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  onEvent(event: QueueEvent): void;
}

/**
 * Combining across machines: of all machines that want something of the queue, one leads and carries out everybody's
 * intents, with one look and one push. On each machine, the process that leads there comes here for all of them.
 *
 * It is only an optimisation. A leader that has lost its place does no harm, since its push is leased. A follower
 * believes nothing: when the leader is done or gone, it looks at the branch, as it does after every push of its own
 * whose answer was lost. What the branch holds is done. What it does not hold is decided again, there and then.
 */
export class Together {
  readonly #options: TogetherOptions;
  readonly #ending = new Set<Promise<void>>();

  constructor(options: TogetherOptions) {
    this.#options = options;
  }

  /** As {@link CarryOut}, with other machines if any can be met. */
  async carryOut(given: IntentSource, signal: AbortSignal, cut: AbortSignal): Promise<Settlement> {
    const { meet, carryOut, clock, at, onEvent } = this.#options;
    const source = new HeldSource(given);
    for (let leaders = 0; leaders < MOST_LEADERS && !signal.aborted; leaders++) {
      const guests = new Guests(clock);
      const met = await meet((channel: Channel) => guests.accept(channel));
      if (met.kind === 'alone') break;
      if (signal.aborted) {
        // Nobody wants it any more, so nobody must wait for us.
        if (met.kind === 'lead') met.leave();
        else await met.leader.leave();
        break;
      }
      if (met.kind === 'lead') return this.#lead(source, guests, met, signal, cut);
      onEvent({ kind: 'following' });
      await source.hold();
      if ((await followMachine(met.leader, source, { clock, signal, at })) === 'look') break;
    }
    if (signal.aborted && source.held.some(({ base }) => base !== undefined)) return this.#lastWord(source, signal);
    try {
      return await carryOut(source, signal, cut);
    } finally {
      // If not even the first look succeeded, nobody else has said of these that they may have been carried out.
      source.abandon(source.held);
    }
  }

  /** Resolves when every machine that this one has led knows that it leads no more. */
  async idle(): Promise<void> {
    await Promise.all(this.#ending);
  }

  async #lead(
    source: HeldSource,
    guests: Guests,
    leadership: Leadership,
    signal: AbortSignal,
    cut: AbortSignal,
  ): Promise<Settlement> {
    this.#options.at?.('elected');
    try {
      const settlement = await this.#options.carryOut(withGuests(source, guests, leadership, signal), signal, cut);
      return { ...settlement, settled: settlement.settled.filter(({ intent }) => !guests.has(intent.request)) };
    } finally {
      source.abandon(source.held);
      // Leaves the place first: whoever is sent away finds it free.
      leadership.leave();
      const ending = guests.dismiss().finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    }
  }

  /** We are interrupted, but the leader may have carried the intents out. Only the remote can tell. */
  async #lastWord(source: HeldSource, signal: AbortSignal): Promise<Settlement> {
    const { critical, lookUp } = this.#options;
    const settled: Settled[] = [];
    const open: Pending[] = [];
    await critical.run(async () => {
      for (const pending of source.held) {
        const found = pending.base === undefined ? undefined : await lookUp(pending).catch(() => undefined);
        if (found === undefined) open.push(pending);
        else settled.push(found);
      }
    });
    source.abandon(open);
    if (settled.length === 0) throw signal.reason;
    return { settled, attempts: 1, rejectedPushes: 0, backoffBaseMs: 0 };
  }
}

/** The source of a leader: its own intents, and those of the other machines. */
function withGuests(source: HeldSource, guests: Guests, leadership: Leadership, signal: AbortSignal): IntentSource {
  const own = new Set<string>();
  return {
    // Other machines look for themselves, so it does not matter whether the look of this one was early enough.
    wasThere: (request) => guests.has(request) || source.wasThere(request),
    join: async (when) => {
      const joining = await source.join(when);
      for (const { intent } of joining) own.add(intent.request);
      if (when === 'last-call') await guests.gather(signal);
      return [...joining, ...guests.join((request) => own.has(request))];
    },
    hasGivenUp: () => source.hasGivenUp(),
    pushing: () => source.pushing(),
    drop: (fate) => source.drop(fate),
    announce: async (base) => {
      // Silent machines are waited for. Who gives up here meanwhile has not been told yet, so nothing is in doubt.
      const elsewhere = await guests.announce(base, () => leadership.caughtUp());
      const here = await source.announce(base);
      return new Set([...here, ...elsewhere]);
    },
    leave: (open) => source.leave(open.filter(({ intent }) => !guests.has(intent.request))),
  };
}
