import { EventConnection, type Told } from './event-messages.ts';

/** Of the lock and the channel. Both are of the origin, and so of one server. */
const NAME = 'agentq-events';

/** How often (ms) a page asks whether the one with the connection is there. */
const ASK_MS = 2_000;

/** Questions without an answer after which it takes the connection over: a browser may freeze a page in the background. */
const MOST_UNANSWERED = 2;

/** What pages ask each other, and what the one with the connection says if it has nothing else to say. */
type Between = { readonly kind: 'ask' } | { readonly kind: 'here' };

/**
 * Tells a page what the server tells, by one connection for all pages of the server in this browser: a browser makes six
 * to a host, and pages that keep one each would leave none for anything else. The page that holds the lock has the
 * connection, and tells the others. When it is closed, the browser gives the lock to the next.
 *
 * Where a browser lacks locks or channels, each page has a connection of its own.
 */
export function followEvents(tell: (told: Told) => void): void {
  const isSharable = 'locks' in navigator && typeof BroadcastChannel === 'function';
  if (isSharable) new SharedEvents(tell).start();
  else new EventConnection(tell);
}

class SharedEvents {
  readonly #tell: (told: Told) => void;
  readonly #channel = new BroadcastChannel(NAME);
  /** Present: this page has the connection. */
  #connection: EventConnection | undefined;
  /** What a page that comes later has to know. */
  #state: Told | undefined;
  #notice: Told | undefined;
  /** Ends the waiting for the lock. */
  #waiting: AbortController | undefined;
  #unanswered = 0;

  constructor(tell: (told: Told) => void) {
    this.#tell = tell;
  }

  start(): void {
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Told | Between>) => {
      if (data.kind === 'ask') {
        this.#answer();
        return;
      }
      this.#unanswered = 0;
      if (this.#connection === undefined && data.kind !== 'here') this.#tell(data);
    });
    this.#wait();
    this.#ask();
    setInterval(() => this.#ask(), ASK_MS);
  }

  /** Waits until no other page has the connection. */
  #wait(): void {
    this.#waiting = new AbortController();
    this.#request({ signal: this.#waiting.signal });
  }

  #request(options: LockOptions): void {
    const held = navigator.locks.request(NAME, options, () => {
      this.#connection = new EventConnection((told) => this.#told(told));
      this.#post({ kind: 'here' });
      // Until the page is closed, or another takes over.
      return new Promise<never>(() => undefined);
    });
    held.catch(() => {
      if (this.#connection === undefined) return;
      this.#connection.close();
      this.#connection = undefined;
      this.#wait();
    });
  }

  #ask(): void {
    if (this.#connection !== undefined) return;
    if (this.#unanswered < MOST_UNANSWERED) {
      this.#unanswered += 1;
      this.#post({ kind: 'ask' });
      return;
    }
    // Many notice at once, and one is enough: the others hear of it meanwhile.
    setTimeout(() => this.#takeOver(), ASK_MS * Math.random());
  }

  #takeOver(): void {
    if (this.#connection !== undefined || this.#unanswered < MOST_UNANSWERED) return;
    this.#unanswered = 0;
    this.#waiting?.abort();
    this.#request({ steal: true });
  }

  #answer(): void {
    if (this.#connection === undefined) return;
    this.#post(this.#state ?? { kind: 'here' });
    if (this.#notice !== undefined) this.#post(this.#notice);
  }

  #told(told: Told): void {
    if (told.kind === 'notice') this.#notice = told;
    else this.#state = told.kind === 'change' ? { kind: 'hello', revision: told.to } : told;
    this.#tell(told);
    this.#post(told);
  }

  #post(message: Told | Between): void {
    this.#channel.postMessage(message);
  }
}
