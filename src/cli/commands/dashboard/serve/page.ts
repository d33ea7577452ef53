import type { Clock } from '../../../../domain/base/clock.ts';

/** How often (ms) a page hears something, so that no proxy between it and us takes the connection for dead. */
const ALIVE_MS = 15_000;

/** What a page is told: an event, or that the server is alive. */
export type PageMessage = { readonly event: 'hello' | 'change' | 'notice'; readonly data: string } | 'alive';

/**
 * A page that is open. What waits for it is bounded, however slowly it reads: of the changes that it was not told yet,
 * only the last is kept. That one begins at a revision that the page does not have, so it reads the board again.
 */
export class Page {
  readonly #clock: Clock;
  readonly #onClose: () => void;
  #hello: string | undefined;
  #change: string | undefined;
  #notice: { readonly message: string | null } | undefined;
  #isClosed = false;
  #alarm = new AbortController();

  constructor(clock: Clock, onClose: () => void) {
    this.#clock = clock;
    this.#onClose = onClose;
  }

  /** Tells which board is the last. */
  hello(revision: string): void {
    this.#hello = JSON.stringify({ revision });
    this.#alarm.abort();
  }

  /** @param json what changed */
  change(json: string): void {
    this.#change = json;
    this.#alarm.abort();
  }

  /** @param message what the user should know; null: nothing any more */
  notice(message: string | null): void {
    this.#notice = { message };
    this.#alarm.abort();
  }

  /** May be called again. */
  close(): void {
    this.#isClosed = true;
    this.#onClose();
    this.#alarm.abort();
  }

  /** What is to be sent next, as soon as there is something; undefined: the page is closed. One caller at a time. */
  async next(): Promise<PageMessage | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      const waiting = this.#take();
      if (waiting !== undefined) return waiting;
      this.#alarm = new AbortController();
      const isTime = await this.#clock.sleep(ALIVE_MS, this.#alarm.signal).then(
        () => true,
        () => false,
      );
      if (isTime) return 'alive';
    }
  }

  #take(): PageMessage | undefined {
    const [hello, notice, change] = [this.#hello, this.#notice, this.#change];
    if (hello !== undefined) {
      this.#hello = undefined;
      return { event: 'hello', data: hello };
    }
    if (notice !== undefined) {
      this.#notice = undefined;
      return { event: 'notice', data: JSON.stringify(notice) };
    }
    this.#change = undefined;
    return change === undefined ? undefined : { event: 'change', data: change };
  }
}
