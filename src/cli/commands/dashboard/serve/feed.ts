import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../../domain/base/clock.ts';
import type { Board } from '../../../../domain/dashboard/board.ts';
import { changeBetween } from '../../../../domain/dashboard/change.ts';
import type { Tip, Tips } from '../../../../engine/queue/tips.ts';
import { wordsOf } from '../../../../engine/work/faults.ts';
import { nextChange } from '../../status/live/next-change.ts';
import type { Boards } from './boards.ts';
import { Page } from './page.ts';

/**
 * After a read, at least this long (ms) passes before the next: a busy branch moves many times a second. A read that
 * takes longer is followed by a pause of its own length.
 */
const LEAST_PAUSE_MS = 300;

/** For how long (ms) the queue is still followed when nobody looks: a page that is reloaded comes back at once. */
const LINGER_MS = 5_000;

/** Pauses (ms) after a read that failed; they double. */
const RETRY = { first: 1_000, most: 15_000 } as const;

/** What the feed works with. */
export interface FeedOptions {
  readonly boards: Boards;
  readonly tips: Tips;
  readonly clock: Clock;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** The queue cannot be read, or can be again (null). Called once for each such change. */
  onNotice(message: string | null): void;
}

/** A board, as pages get it. */
export interface Published {
  /** Different for every board, also of another server at the same address. */
  readonly revision: string;
  readonly board: Board;
  /** The answer of `/api/board`. */
  readonly json: string;
}

/**
 * Follows the queue for all pages: however many are open, one loop waits for the branch and reads. It runs only while
 * somebody looks. Whoever comes later gets a board that was read after they came.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #pages = new Set<Page>();
  readonly #over = new AbortController();
  readonly #session = randomBytes(9).toString('base64url');
  #count = 0;
  #published: Published | undefined;
  /** How many callers wait for an answer. */
  #asking = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<unknown> = Promise.resolve();
  #following: { readonly first: Promise<void> } | undefined;
  #notice: string | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** How many pages are open. */
  get pages(): number {
    return this.#pages.size;
  }

  /** The board that was published last. */
  get last(): Published | undefined {
    return this.#published;
  }

  /**
   * The queue as it is now. If it cannot be read any more, what was read last: the pages have a notice then.
   * @throws Failure if it was never read
   */
  async current(): Promise<Published> {
    this.#asking += 1;
    try {
      await this.#follow();
    } catch (error) {
      if (this.#published === undefined) throw error;
    } finally {
      this.#asking -= 1;
      this.#askedAt = this.#options.clock.now();
    }
    if (this.#published === undefined) throw new Error('nothing was read');
    return this.#published;
  }

  /** Opens a page, which is told about everything from now on. The caller closes it. */
  open(): Page {
    const { clock } = this.#options;
    const page = new Page(clock, () => this.#pages.delete(page));
    page.hello(this.#published?.revision ?? '');
    if (this.#notice !== null) page.notice(this.#notice);
    this.#pages.add(page);
    this.#follow().catch(() => undefined);
    return page;
  }

  /** Closes all pages, and reads no more. */
  close(): void {
    this.#over.abort();
    for (const page of this.#pages) page.close();
  }

  /** Follows the queue, if nobody does yet. @returns when it has been read once @throws what the first read throws */
  #follow(): Promise<void> {
    if (this.#following !== undefined) return this.#following.first;
    const over = new AbortController();
    const ended = AbortSignal.any([this.#options.signal, this.#over.signal, over.signal]);
    const { promise, resolve, reject } = resolvers();
    this.#following = { first: promise };
    promise.catch(() => undefined);
    this.#run(ended, { read: resolve, failed: reject })
      .catch(reject)
      .finally(() => {
        over.abort();
        this.#following = undefined;
      });
    this.#endUnwanted(over, ended).catch(() => undefined);
    return promise;
  }

  async #run(ended: AbortSignal, { read, failed }: { read(): void; failed(error: unknown): void }): Promise<void> {
    const { tips, clock } = this.#options;
    let pause: number = RETRY.first;
    let tip: { readonly at: Tip } | undefined;
    for (;;) {
      try {
        // Before the read: what is pushed meanwhile is not missed. It is read there, so that the page never goes back.
        tip ??= { at: await tips.look(ended) };
        const tookMs = await this.#read(ended, tip.at);
        this.#tell(null);
        pause = RETRY.first;
        read();
        const next = await nextChange(tips, tip.at, clock, ended, Math.max(LEAST_PAUSE_MS, tookMs));
        // Where it has not moved, it is looked at again: whoever looks for us may have stopped.
        tip = next === tip.at ? undefined : { at: next };
      } catch (error) {
        ended.throwIfAborted();
        // Whoever asked first gets it as the failure of a command.
        if (this.#published !== undefined) this.#tell(wordsOf(error));
        failed(error);
        await clock.sleep(pause, ended);
        pause = Math.min(pause * 2, RETRY.most);
        tip = undefined;
      }
    }
  }

  /** Reads the queue, and tells the pages what changed. @returns how long it took (ms) */
  async #read(ended: AbortSignal, seen: Tip): Promise<number> {
    const { boards, clock } = this.#options;
    const startedAt = clock.now();
    // One at a time: what was read for pages that are closed may not be over yet.
    const reading = this.#reading.then(() => boards.read(ended, seen));
    this.#reading = reading.catch(() => undefined);
    const board = await reading;
    ended.throwIfAborted();
    const before = this.#published;
    this.#count += 1;
    const revision = `${this.#session}.${this.#count}`;
    this.#published = { revision, board, json: JSON.stringify({ revision, board }) };
    if (before !== undefined && this.#pages.size > 0) {
      const change = changeBetween(before.board, board);
      const json = JSON.stringify({ from: before.revision, to: revision, change });
      for (const page of this.#pages) page.change(json);
    }
    return clock.now() - startedAt;
  }

  #tell(notice: string | null): void {
    if (notice === this.#notice) return;
    this.#notice = notice;
    this.#options.onNotice(notice);
    for (const page of this.#pages) page.notice(notice);
  }

  async #endUnwanted(over: AbortController, ended: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(LINGER_MS, ended);
      if (this.#pages.size === 0 && this.#asking === 0 && clock.now() - this.#askedAt >= LINGER_MS) over.abort();
    }
  }
}

function resolvers(): { promise: Promise<void>; resolve(): void; reject(error: unknown): void } {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
