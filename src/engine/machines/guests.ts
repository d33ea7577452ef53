import type { Clock } from '../../domain/base/clock.ts';
import type { Channel } from '../../machine/meeting.ts';
import type { Pending } from '../base/engine.ts';
import { type LeadingMessage, MOST_INTENTS, parseHandOver } from '../wire/machine-message.ts';

/**
 * While machines arrive, the decision waits until none has arrived for `pauseMs`, but at most `longestMs`. Without any,
 * it never waits.
 */
const GATHER = { pauseMs: 40, longestMs: 250 } as const;

/** A machine that has handed over its intents, or is about to. */
interface Guest {
  readonly channel: Channel;
  intents: readonly Pending[];
  state: 'silent' | 'waiting' | 'joined' | 'gone';
}

/** What other machines have handed to this one while it leads. */
export class Guests {
  readonly #clock: Clock;
  readonly #guests = new Set<Guest>();
  readonly #requests = new Set<string>();
  #lastArrival = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the request came from another machine. */
  has(request: string): boolean {
    return this.#requests.has(request);
  }

  /** A machine comes. */
  accept(channel: Channel): void {
    const guest: Guest = { channel, intents: [], state: 'silent' };
    this.#guests.add(guest);
    this.#lastArrival = this.#clock.now();
    channel.onClose(() => {
      guest.state = 'gone';
      this.#guests.delete(guest);
    });
    channel.onMessage((value) => {
      const intents = parseHandOver(value);
      const isTwice = intents?.some(({ request }) => this.#requests.has(request)) === true;
      // A machine hands over once, and a request is one machine's own.
      if (intents === undefined || guest.state !== 'silent' || isTwice) {
        channel.avoid();
        return;
      }
      if (this.#requests.size + intents.length > MOST_INTENTS.ofAll) {
        void say(channel, { kind: 'moved' });
        return;
      }
      for (const { request } of intents) this.#requests.add(request);
      guest.intents = intents.map((intent) => ({ intent, base: undefined }));
      guest.state = 'waiting';
      this.#lastArrival = this.#clock.now();
    });
  }

  /** The intents of those who have come since the last call, except the requests that are known already. */
  join(known: (request: string) => boolean): readonly Pending[] {
    return [...this.#guests].flatMap((guest) => {
      if (guest.state !== 'waiting') return [];
      guest.state = 'joined';
      return guest.intents.filter(({ intent }) => !known(intent.request));
    });
  }

  /** Waits for those who are just arriving. */
  async gather(signal: AbortSignal): Promise<void> {
    const until = this.#clock.now() + GATHER.longestMs;
    for (;;) {
      const now = this.#clock.now();
      const left = Math.min(this.#lastArrival + GATHER.pauseMs, until) - now;
      if (this.#guests.size === 0 || left <= 0 || signal.aborted) return;
      await this.#clock.sleep(left, signal).catch(() => undefined);
    }
  }

  /**
   * Tells those whose intents have joined that these may be carried out from now on.
   * @param caughtUp see {@link Leadership.caughtUp}
   * @returns the requests of those who have not taken note of it: they must not be carried out
   */
  async announce(base: string, caughtUp: () => Promise<void>): Promise<ReadonlySet<string>> {
    const joined = [...this.#guests].filter(({ state }) => state === 'joined');
    if (joined.length > 0) {
      await Promise.all(joined.map(({ channel }) => channel.send({ kind: 'taken', base } satisfies LeadingMessage)));
      await caughtUp();
    }
    const there = new Set(
      [...this.#guests].flatMap(({ state, intents }) =>
        state === 'joined' ? intents.map(({ intent }) => intent.request) : [],
      ),
    );
    return new Set([...this.#requests].filter((request) => !there.has(request)));
  }

  /** This machine leads no more. Resolves when everybody has been told. */
  async dismiss(): Promise<void> {
    await Promise.all(
      [...this.#guests].map(({ channel, state }) => say(channel, { kind: state === 'joined' ? 'over' : 'moved' })),
    );
  }
}

/** Says the last thing to a machine. */
async function say(channel: Channel, message: LeadingMessage): Promise<void> {
  await channel.send(message);
  channel.close();
}
