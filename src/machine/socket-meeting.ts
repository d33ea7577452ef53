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
  /** A folder that only processes of this user can enter; undefined: there is none, and everybody is alone. */
  readonly folder: string | undefined;
  readonly clock: Clock;
  readonly random: Randomness;
}

/** Most tries to connect or to lead at one place: who loses the place twice in a row has met others who come and go. */
const ROUNDS = 6;

/** Before a third try, and twice as long before each one after it (ms). */
const PAUSE_MS = 5;

/** Where leaders end channels so often in a row without a word, it is not because they had to go. */
const STRIKES = 3;

/** How long (ms) a leader is avoided that is silent, or says what we do not understand. */
const AVOIDED_MS = 60_000;

/** So many peers are taken in any case, where the process may open the fewest files that it can do its work with. */
const UNASKED = 20;

/**
 * A key has a few places, one after the other: those who avoid the leader of the first meet at the next. So one that is
 * suspended, or of another version, does not make each of them go its own way.
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
      return { kind: 'alone', reason: 'those who lead are silent, or of another version' };
    },
  };
}

/** One socket path, and what this process has seen of those who led there. */
class Place {
  readonly #path: string;
  readonly #options: SocketMeetingOptions;
  /** Channels in a row that a leader ended without a word. */
  #strikes = 0;
  #avoidedUntil = Number.NEGATIVE_INFINITY;

  constructor(path: string, options: SocketMeetingOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** @returns undefined where whoever leads here is avoided, or cannot be reached */
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
      // Asked only by who has many: it takes reading a file.
      if (peers === UNASKED && most === UNASKED) most = mostPeers();
      if (peers >= most) {
        // Without a word: whoever it is tries twice more, and meets others elsewhere.
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
