import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock, Randomness } from '../domain/base/clock.ts';
import { mostPeers } from './file-limit.ts';
import type { Channel, Leadership, Meeting, Met } from './meeting.ts';
import { untilQuiet } from './poll-turns.ts';
import { connect, listenExclusively } from './socket.ts';
import { SocketChannel } from './socket-channel.ts';

/** What a meeting over sockets needs. */
export interface SocketMeetingOptions {
  /** A folder that only processes of this user can enter; undefined: there is none, and every process is alone. */
  readonly folder: string | undefined;
  readonly clock: Clock;
  readonly random: Randomness;
}

/**
 * Most tries to connect or to lead at one place. A process that loses it twice in a row has met others that come and
 * go.
 */
const ROUNDS = 6;

/** Pause (ms) before the third try; it doubles before each later one. */
const PAUSE_MS = 5;

/** If leaders end this many channels in a row without a word, the reason is not that they had to leave. */
const STRIKES = 3;

/** How long (ms) we avoid a leader that is silent, or that we do not understand. */
const AVOIDED_MS = 60_000;

/** Number of peers that every process can take, even with the lowest limit of open files that allows it to work. */
const UNASKED = 20;

/**
 * A key has a few places, one after another: processes that avoid the leader of the first meet at the next. So a leader
 * that is suspended, or of another version, does not make each of them go its own way.
 */
const PLACES = 3;

/** {@link Meeting} of the processes of one user on one machine, over Unix sockets in a folder. */
export function socketMeeting(options: SocketMeetingOptions): Meeting {
  const { folder } = options;
  if (folder === undefined) return { meet: async () => ({ kind: 'alone', reason: 'no folder to meet in' }) };
  const places = new Map<string, Place>();
  const placeAt = (path: string): Place => {
    const known = places.get(path) ?? new Place(path, options);
    places.set(path, known);
    return known;
  };
  return {
    async meet(key, onPeer) {
      for (let index = 0; index < PLACES; index++) {
        const met = await placeAt(join(folder, index === 0 ? `${key}.sock` : `${key}.${index}.sock`)).meet(onPeer);
        if (met) return met;
      }
      return { kind: 'alone', reason: 'the leaders are silent, or of another version' };
    },
  };
}

/** One socket path, and what this process has seen of the leaders there. */
class Place {
  readonly #path: string;
  readonly #options: SocketMeetingOptions;
  /** How many channels in a row a leader ended without a word. */
  #strikes = 0;
  #avoidedUntil = Number.NEGATIVE_INFINITY;

  constructor(path: string, options: SocketMeetingOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** @returns undefined if the leader here is avoided, or cannot be reached */
  async meet(onPeer: (follower: Channel) => void): Promise<Met | undefined> {
    const { clock, random } = this.#options;
    if (clock.now() < this.#avoidedUntil) return undefined;
    for (let round = this.#strikes; round < ROUNDS; round++) {
      if (round > 1) await clock.sleep(Math.round(PAUSE_MS * 2 ** (round - 2) * (0.5 + random.next())));
      const reached = await connect(this.#path);
      if (reached.kind === 'open') return { kind: 'follow', leader: this.#leader(reached.socket) };
      if (reached.kind === 'no-files') return { kind: 'alone', reason: reached.error.message };
      if (reached.kind === 'busy') continue;
      const led = await this.#lead(onPeer);
      if (led) return led;
    }
    this.#avoid();
    return undefined;
  }

  async #lead(
    onPeer: (follower: Channel) => void,
  ): Promise<Leadership | { kind: 'alone'; reason: string } | undefined> {
    const { clock } = this.#options;
    let activity = 0;
    const count = (): void => {
      activity++;
    };
    let peers = 0;
    let most = UNASKED;
    const listening = await listenExclusively(this.#path, (socket) => {
      count();
      // Asked only when there are many peers: it takes reading a file.
      if (peers === UNASKED && most === UNASKED) most = mostPeers();
      if (peers >= most) {
        // Without a word: the peer tries twice more, and then meets others elsewhere.
        socket.destroy();
        return;
      }
      peers++;
      const onEnd = (): void => {
        peers--;
        count();
      };
      onPeer(new SocketChannel(socket, clock, { onBytes: count, onEnd }));
    });
    switch (listening.kind) {
      case 'taken':
        return undefined;
      case 'impossible':
        return { kind: 'alone', reason: listening.reason };
      case 'listening':
        this.#strikes = 0;
        return { kind: 'lead', caughtUp: () => untilQuiet(() => activity), leave: once(listening.close) };
    }
  }

  #leader(socket: Socket): Channel {
    return new SocketChannel(socket, this.#options.clock, {
      onBytes: () => undefined,
      onEnd: (how, heard) => {
        if (how === 'avoided') this.#avoid();
        else if (heard) this.#strikes = 0;
        else if (how === 'theirs' && ++this.#strikes >= STRIKES) this.#avoid();
      },
    });
  }

  #avoid(): void {
    this.#strikes = 0;
    this.#avoidedUntil = this.#options.clock.now() + AVOIDED_MS;
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
