import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { Channel, Leadership, Meeting, Met } from '../meeting.ts';
import type { MeetConnection } from './connection.ts';
import { type Content, type Envelope, opened, sealed } from './envelope.ts';
import { inTime } from './in-time.ts';
import { type MeetServer, MeetServerFailure, type Stop, type Term } from './meet-server.ts';
import { ServerChannel } from './server-channel.ts';

/** How long (ms) a place is held without a word from its leader, and how often the leader renews it. */
export const LEASE_MS = 3_000;
const RENEW_MS = LEASE_MS / 3;

/**
 * How long (ms) a follower may take to answer before the leader pushes without it, as {@link inTime} counts it. On a
 * crowded machine many need longer than a second, and each that is left out leads or pushes once more. Only who has died
 * meanwhile is waited for that long.
 */
const ANSWER_MS = 2_500;

/** Most tries to lead or to find a leader that is there. */
const ROUNDS = 4;

/** Most followers of one leader: each costs it a message for every push. */
const MOST_FOLLOWERS = 1_000;

/** What a meeting at a server needs. */
export interface ServerMeetingOptions {
  readonly connection: MeetConnection;
  readonly clock: Clock;
  readonly random: Randomness;
}

/**
 * {@link Meeting} of processes of many machines at a server. All that it promises holds as over sockets, see
 * {@link ServerChannel}. Two things differ: a dead leader is noticed when its lease runs out, not at once, and a
 * follower that answers nothing for 2.5 s is dropped before the leader pushes, alive or not.
 */
export function serverMeeting(options: ServerMeetingOptions): Meeting {
  const { connection, random } = options;
  /** Leaders that we avoid, by their names, which are never used again. */
  const avoided = new Set<string>();
  return {
    async meet(key, onPeer) {
      let reason = 'the server is away';
      for (let round = 0; round < ROUNDS; round++) {
        const met = await connection.use(async (server) => {
          const seat = new Seat(options, server, key, random.id(), avoided);
          return seat.take(onPeer);
        });
        if (met === undefined) return { kind: 'alone', reason };
        if (met !== 'again') return met;
        reason = 'whoever leads cannot be understood';
      }
      return { kind: 'alone', reason };
    },
  };
}

/** One coming of this process to one place. */
class Seat {
  readonly #options: ServerMeetingOptions;
  readonly #server: MeetServer;
  readonly #key: string;
  readonly #name: string;
  readonly #avoided: Set<string>;
  readonly #channels = new Map<string, ServerChannel>();
  #onPeer: ((follower: Channel) => void) | undefined;
  #stopListening: Stop = () => undefined;

  constructor(options: ServerMeetingOptions, server: MeetServer, key: string, name: string, avoided: Set<string>) {
    this.#options = options;
    this.#server = server;
    this.#key = key;
    this.#name = name;
    this.#avoided = avoided;
  }

  async take(onPeer: (follower: Channel) => void): Promise<Met | 'again'> {
    // Listens before it leads: a leader that nobody hears is dead, see below.
    const subscribing = this.#server.subscribe(this.#inbox(this.#name), (text) => this.#read(text));
    const [unsubscribe, election] = await settled(subscribing, this.#server.elect(this.#key, this.#name, LEASE_MS));
    const forget = this.#server.onLost(() => {
      for (const channel of [...this.#channels.values()]) channel.lose();
    });
    this.#stopListening = () => {
      unsubscribe();
      forget();
    };
    if (election.kind === 'elected') return this.#lead(election.term, onPeer);
    if (!this.#avoided.has(election.term.holder)) return { kind: 'follow', leader: this.#follow(election.term) };
    this.#stopListening();
    return 'again';
  }

  #lead(term: Term, onPeer: (follower: Channel) => void): Leadership {
    this.#onPeer = onPeer;
    const over = new AbortController();
    void this.#renew(term, over.signal);
    return {
      kind: 'lead',
      caughtUp: () => this.#allThere([...this.#channels.values()]),
      leave: () => {
        if (over.signal.aborted) return;
        over.abort();
        this.#onPeer = undefined;
        for (const channel of this.#channels.values()) channel.stay();
        void this.#options.connection.use((server) => server.resign(this.#key, term));
        this.#tidy();
      },
    };
  }

  /** A leader that has lost its place finishes what it does: its followers see that, and leave as they see fit. */
  async #renew(term: Term, over: AbortSignal): Promise<void> {
    const { clock, connection } = this.#options;
    try {
      for (let state: 'held' | 'lost' = 'held'; state === 'held'; ) {
        await clock.sleep(RENEW_MS, over);
        state = await this.#server.renew(this.#key, term, LEASE_MS);
      }
      this.#onPeer = undefined;
    } catch (error) {
      if (error instanceof MeetServerFailure) connection.giveUp(error);
    }
  }

  #follow(term: Term): Channel {
    const stop = this.#server.watch(this.#key, (now) => {
      if (now?.holder !== term.holder && !channel.staysWithoutTerm) channel.lose();
    });
    const channel = this.#channel(term.holder, (how) => {
      stop();
      if (how === 'avoided') this.#avoided.add(term.holder);
      // The server knows that nobody listens there any more: the leader is dead, and its lease need not run out.
      if (how === 'unheard') void this.#options.connection.use((server) => server.resign(this.#key, term));
    });
    void this.#listen(channel);
    return channel;
  }

  /** Avoids a leader that answers no more, although somebody renews its lease. */
  async #listen(channel: ServerChannel): Promise<void> {
    const over = new AbortController();
    channel.onClose(() => over.abort());
    while (!channel.isOver) {
      await this.#options.clock.sleep(LEASE_MS, over.signal).catch(() => undefined);
      await this.#allThere([channel], LEASE_MS, (silent) => silent.avoid());
    }
  }

  /** Ends those of the channels at whose other end nobody answers in time. Their `onClose` has been called then. */
  async #allThere(
    channels: readonly ServerChannel[],
    limitMs: number = ANSWER_MS,
    end = (silent: ServerChannel): void => silent.close(),
  ): Promise<void> {
    const silent = new Set(channels);
    const answers = channels.map((channel) => {
      return new Promise<void>((resolve) => {
        const there = (): void => {
          silent.delete(channel);
          resolve();
        };
        channel.onClose(there);
        channel.ping(there);
      });
    });
    await inTime(Promise.all(answers), limitMs, this.#options.clock).catch(() => undefined);
    for (const channel of [...silent]) end(channel);
    await Promise.resolve();
  }

  #channel(other: string, onEnd: (how: 'theirs' | 'ours' | 'unheard' | 'avoided') => void): ServerChannel {
    const channel = new ServerChannel({
      post: (number, content) => this.#post(other, number, content),
      onEnd: (how) => {
        this.#channels.delete(other);
        onEnd(how);
        this.#tidy();
      },
    });
    this.#channels.set(other, channel);
    return channel;
  }

  async #post(to: string, number: number, content: Content): Promise<'sent' | 'unheard'> {
    try {
      return await this.#server.publish(this.#inbox(to), sealed({ from: this.#name, number, ...content }));
    } catch (error) {
      if (error instanceof MeetServerFailure) this.#options.connection.giveUp(error);
      throw error;
    }
  }

  #read(text: string): void {
    const envelope = opened(text);
    if (envelope === undefined) return;
    const channel = this.#channels.get(envelope.from) ?? this.#newcomer(envelope);
    channel?.take(envelope);
  }

  #newcomer({ from, number, kind }: Envelope): ServerChannel | undefined {
    if (number !== 1 || kind === 'bye') return undefined;
    if (this.#onPeer === undefined || this.#channels.size >= MOST_FOLLOWERS) {
      // It asks the next leader, and need not wait to find out.
      this.#post(from, 1, { kind: 'bye' }).catch(() => undefined);
      return undefined;
    }
    const channel = this.#channel(from, () => undefined);
    this.#onPeer(channel);
    return channel;
  }

  /** Stops listening where nobody can say anything any more. */
  #tidy(): void {
    if (this.#channels.size === 0 && this.#onPeer === undefined) this.#stopListening();
  }

  #inbox(name: string): string {
    return `${this.#key}:${name}`;
  }
}

/** Both results. If one fails, the other is undone as soon as it is there. */
async function settled<T>(subscribing: Promise<Stop>, other: Promise<T>): Promise<[Stop, T]> {
  try {
    return await Promise.all([subscribing, other]);
  } catch (error) {
    subscribing.then(
      (stop) => stop(),
      () => undefined,
    );
    other.catch(() => undefined);
    throw error;
  }
}
