import type { Channel } from '../meeting.ts';
import type { Content, Envelope } from './envelope.ts';
import { MeetServerFailure, MOST_BYTES } from './meet-server.ts';

/** Most envelopes that one end takes from the other: a conversation has a few dozen. */
const MOST_ENVELOPES = 10_000;

/** What a channel needs and tells. */
export interface ServerChannelOptions {
  /** Sends an envelope to the other end. @throws MeetServerFailure */
  post(number: number, content: Content): Promise<'sent' | 'unheard'>;
  /** Called once. `unheard`: the server says that nobody is at the other end. `avoided`: this side wants no more of it. */
  onEnd(how: 'theirs' | 'ours' | 'unheard' | 'avoided'): void;
}

/**
 * {@link Channel} through a server. It keeps what the port promises, although nobody can see over a network whether the
 * other end is still there: the other end is asked. Whoever has left, or has missed an envelope, answers no `ping`. So
 * an answered ping proves that everything before it has been handed over, and that its receiver had not left by then.
 */
export class ServerChannel implements Channel {
  readonly peers = 'anybody';
  readonly #options: ServerChannelOptions;
  #receive: ((message: unknown) => void) | undefined;
  /** Envelopes that came before anybody listened, or before the last message was handed over. */
  #waiting: Envelope[] = [];
  #isHanding = false;
  #received = 0;
  #sent = 0;
  #pings = 0;
  readonly #asked = new Map<number, () => void>();
  #isOver = false;
  #onClose: (() => void)[] = [];
  #staysWithoutTerm = false;

  constructor(options: ServerChannelOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the other end has said that it leads no more, and that this conversation goes on. */
  get staysWithoutTerm(): boolean {
    return this.#staysWithoutTerm;
  }

  async send(message: object): Promise<'sent' | 'gone'> {
    if (Buffer.byteLength(JSON.stringify(message)) > MOST_BYTES - 1_000) {
      this.#end('avoided');
      return 'gone';
    }
    return this.#post({ kind: 'say', message });
  }

  onMessage(receive: (message: unknown) => void): void {
    queueMicrotask(() => {
      this.#receive = receive;
      void this.#handOver();
    });
  }

  onClose(closed: () => void): void {
    if (this.#isOver) queueMicrotask(closed);
    else this.#onClose.push(closed);
  }

  /** From here on no ping is answered, so the other end will find us gone before it relies on us again. */
  async leave(how?: 'avoid'): Promise<void> {
    this.#finish(how === 'avoid' ? 'avoided' : 'ours');
  }

  close(): void {
    this.#finish('ours');
  }

  avoid(): void {
    this.#finish('avoided');
  }

  /** Asks whether the other end is there. @param there called when it answers; never called after the channel ended */
  ping(there: () => void): void {
    const id = ++this.#pings;
    this.#asked.set(id, there);
    void this.#post({ kind: 'ping', id });
  }

  /** Tells the other end that this conversation goes on although we lead no more. */
  stay(): void {
    void this.#post({ kind: 'stay' });
  }

  /** The connection to the server is lost. */
  lose(): void {
    this.#end('theirs');
  }

  /** Hands over what came from the other end. */
  take(envelope: Envelope): void {
    // Twice the same: the server has passed it on again.
    if (this.#isOver || envelope.number <= this.#received) return;
    // One was lost, perhaps with what we must know before we answer anything.
    if (envelope.number > this.#received + 1 || envelope.number > MOST_ENVELOPES) {
      this.#finish('avoided');
      return;
    }
    this.#received = envelope.number;
    this.#waiting.push(envelope);
    void this.#handOver();
  }

  /** One after another, in order. */
  async #handOver(): Promise<void> {
    if (this.#isHanding || this.#receive === undefined) return;
    this.#isHanding = true;
    for (let next = this.#waiting.shift(); next !== undefined && !this.#isOver; next = this.#waiting.shift()) {
      const handing = this.#open(next);
      if (handing !== undefined) await handing;
    }
    this.#isHanding = false;
  }

  #open(envelope: Envelope): Promise<void> | undefined {
    switch (envelope.kind) {
      case 'say':
        return this.#give(envelope.message);
      case 'ping':
        void this.#post({ kind: 'pong', id: envelope.id });
        return undefined;
      case 'pong': {
        const there = this.#asked.get(envelope.id);
        this.#asked.delete(envelope.id);
        there?.();
        return undefined;
      }
      case 'stay':
        this.#staysWithoutTerm = true;
        return undefined;
      case 'bye':
        this.#end('theirs');
        return undefined;
    }
  }

  async #give(message: unknown): Promise<void> {
    try {
      await this.#receive?.(message);
    } catch {
      // The receiver could not take it: one peer must not end this process for all others.
      this.#finish('avoided');
    }
  }

  async #post(content: Content): Promise<'sent' | 'gone'> {
    if (this.#isOver) return 'gone';
    try {
      const sent = await this.#options.post(++this.#sent, content);
      if (sent === 'sent') return 'sent';
      this.#end('unheard');
    } catch (error) {
      if (!(error instanceof MeetServerFailure)) throw error;
      this.#end('theirs');
    }
    return 'gone';
  }

  #finish(how: 'ours' | 'avoided'): void {
    if (this.#isOver) return;
    void this.#post({ kind: 'bye' });
    this.#end(how);
  }

  #end(how: 'theirs' | 'ours' | 'unheard' | 'avoided'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#asked.clear();
    this.#options.onEnd(how);
    queueMicrotask(() => {
      for (const closed of this.#onClose.splice(0)) closed();
    });
  }
}
