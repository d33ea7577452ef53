import type { Socket } from 'node:net';
import type { Clock } from '../domain/base/clock.ts';
import type { Channel } from './meeting.ts';
import { untilQuiet } from './poll-turns.ts';

/** Longest line (characters) that is read or sent. An intent is far shorter: a peer that sends more is not ours. */
const MAX_LINE = 8 * 1024 * 1024;

/** Most bytes that are kept for a peer that does not read. */
const MAX_UNSENT = 2 * MAX_LINE;

/** How long (ms) a peer may leave unread what the kernel could not take. A suspended peer never reads it. */
const STUCK_MS = 10_000;

/** Why a channel has ended. */
export type Ending =
  /** The other end left, or died. */
  | 'theirs'
  | 'ours'
  /** We want nothing from that peer any more. */
  | 'avoided';

/** What a channel tells its opener. */
export interface ChannelEvents {
  /** Bytes came. */
  onBytes(): void;
  /** Called once. `heard`: whether a message ever came from the other end. */
  onEnd(how: Ending, heard: boolean): void;
}

/** {@link Channel} over a socket that only processes of this user can reach: one JSON value per line. */
export class SocketChannel implements Channel {
  readonly peers = 'same-user';
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #events: ChannelEvents;
  #receive: ((message: unknown) => void) | undefined;
  /** Messages that came before anybody listened. */
  #early: unknown[] = [];
  /** The incomplete line, in the pieces in which it came. */
  #pieces: string[] = [];
  #length = 0;
  #hasHeard = false;
  #received = 0;
  #ending: Ending | undefined;
  #onClose: (() => void)[] = [];
  #isWatched = false;
  readonly #over = new AbortController();

  constructor(socket: Socket, clock: Clock, events: ChannelEvents) {
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#take(chunk));
    // Whichever comes first: `close` comes one turn of the event loop later than the other two.
    for (const event of ['end', 'error', 'close']) socket.on(event, () => this.#end('theirs'));
  }

  send(message: object): Promise<'sent' | 'gone'> {
    if (this.#ending !== undefined || this.#socket.destroyed) return Promise.resolve('gone');
    const line = `${JSON.stringify(message)}\n`;
    if (line.length > MAX_LINE || this.#socket.writableLength + line.length > MAX_UNSENT) {
      this.#end('avoided');
      return Promise.resolve('gone');
    }
    return new Promise((resolve) => {
      let isTaken = false;
      // Node reports no error if the socket was destroyed before the kernel had taken the whole line.
      this.#socket.write(line, (error) => resolve(!error && (isTaken || this.#ending === undefined) ? 'sent' : 'gone'));
      isTaken = this.#socket.writableLength === 0;
      void this.#watch();
    });
  }

  onMessage(receive: (message: unknown) => void): void {
    queueMicrotask(() => {
      this.#receive = receive;
      for (const message of this.#early.splice(0)) this.#hand(message);
    });
  }

  onClose(closed: () => void): void {
    if (this.#ending === undefined) this.#onClose.push(closed);
    else queueMicrotask(closed);
  }

  async leave(how?: 'avoid'): Promise<void> {
    if (this.#ending === undefined) {
      await this.#finish();
      // What the other end wrote before it could know is in the kernel by now.
      await untilQuiet(() => this.#received);
    }
    this.#end(how === 'avoid' ? 'avoided' : 'ours');
  }

  close(): void {
    this.#end('ours');
  }

  avoid(): void {
    this.#end('avoided');
  }

  /** Resolves when the other end can see that we have finished; also when it is gone itself, or does not read. */
  #finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('finish', resolve);
      this.#over.signal.addEventListener('abort', () => resolve(), { once: true });
      this.#socket.end();
    });
  }

  #take(chunk: string): void {
    this.#received += chunk.length;
    this.#events.onBytes();
    let from = 0;
    for (let to = chunk.indexOf('\n'); to >= 0 && this.#ending === undefined; to = chunk.indexOf('\n', from)) {
      this.#pieces.push(chunk.slice(from, to));
      from = to + 1;
      const line = this.#pieces.join('');
      this.#pieces = [];
      // Lines that nobody has asked for yet count as one line.
      this.#length = this.#receive ? 0 : this.#length + line.length;
      this.#read(line);
    }
    this.#pieces.push(chunk.slice(from));
    this.#length += chunk.length - from;
    if (this.#length > MAX_LINE) this.#end('avoided');
  }

  #read(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#end('avoided');
      return;
    }
    this.#hand(message);
  }

  #hand(message: unknown): void {
    if (this.#ending === 'ours' || this.#ending === 'avoided') return;
    this.#hasHeard = true;
    if (!this.#receive) {
      this.#early.push(message);
      return;
    }
    try {
      this.#receive(message);
    } catch {
      // The receiver could not take the message: one peer must not end this process for all others.
      this.#end('avoided');
    }
  }

  #end(how: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = how;
    this.#over.abort();
    this.#socket.destroy();
    this.#events.onEnd(how, this.#hasHeard);
    queueMicrotask(() => {
      for (const closed of this.#onClose.splice(0)) closed();
    });
  }

  /** Ends the channel if the kernel could not take everything, and the other end reads nothing for too long. */
  async #watch(): Promise<void> {
    if (this.#isWatched) return;
    this.#isWatched = true;
    try {
      while (this.#socket.writableLength > 0) {
        const before = this.#socket.bytesWritten - this.#socket.writableLength;
        await this.#clock.sleep(STUCK_MS, this.#over.signal);
        if (this.#socket.bytesWritten - this.#socket.writableLength === before) this.#end('ours');
      }
    } catch {
      // The channel has ended.
    } finally {
      this.#isWatched = false;
    }
  }
}
