import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Tip } from '../queue/tips.ts';

/** Where a tip can be looked up. */
export interface TipSource {
  /**
   * One look: one `ls-remote` of one ref.
   * @param hasMoved the branch has most likely moved, so that whoever looks is going to read it
   * @throws Failure of the remote
   */
  look(hasMoved: boolean): Promise<Tip>;
  /** Calls back when files on this machine show that the branch may have moved; undefined if no file can show it. */
  watch(onHint: () => void): Promise<TipHints | undefined>;
}

export interface TipHints {
  /** Called before each look. @returns whether hints can be expected */
  rearm(): boolean;
  close(): void;
}

/** What a poller reports. */
export interface PollerEvents {
  tip(tip: Tip): void;
  /** A look failed in a way that may pass; the next one follows. */
  trouble(failure: Failure): void;
  /** A look failed for good, or for a reason of this process's own: it stops looking. */
  failed(error: unknown): void;
}

/** Pauses between looks (ms). If files are watched, looks are only a safety net. */
export const PAUSE = { least: 1_000, leastWatched: 10_000, most: 30_000, growth: 1.5 } as const;

/** How long (ms) to wait after a hint: a push changes several files one after another. */
const SETTLE_MS = 20;

/**
 * Looks at the branch again and again: a second after it moved, then less and less often while it rests, up to every
 * half minute. Looks never overlap, and only happen while somebody is interested.
 */
export class TipPoller {
  readonly #source: TipSource;
  readonly #clock: Clock;
  readonly #random: Randomness;
  readonly #events: PollerEvents;
  readonly #isWanted: () => boolean;
  #last: { readonly tip: Tip } | undefined;
  #lookingSince: number | undefined;
  #asked: { resolve: (tip: Tip) => void; reject: (error: unknown) => void }[] = [];
  #hinted = false;
  #closed = false;
  #alarm = new AbortController();
  #rest: (() => void) | undefined;
  #pause: number = PAUSE.least;

  constructor(
    options: { readonly source: TipSource; readonly clock: Clock; readonly random: Randomness },
    isWanted: () => boolean,
    events: PollerEvents,
  ) {
    this.#source = options.source;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#isWanted = isWanted;
    this.#events = events;
    void this.#run();
  }

  /** The tip that was seen last; undefined if none was. */
  get last(): { readonly tip: Tip } | undefined {
    return this.#last;
  }

  /** How long (ms) the look under way has taken so far; 0: there is none. */
  get lookingForMs(): number {
    return this.#lookingSince === undefined ? 0 : this.#clock.now() - this.#lookingSince;
  }

  /** A look that begins after this call; callers at the same time share it. */
  look(): Promise<Tip> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ resolve, reject });
      this.wake();
    });
  }

  /** Call it when somebody becomes interested, or asks for a look. */
  wake(): void {
    this.#rest?.();
    if (this.#asked.length > 0 || this.#hinted || this.#closed) this.#alarm.abort();
  }

  close(): void {
    this.#closed = true;
    for (const { reject } of this.#asked.splice(0)) reject(new Failure('interrupted', 'interrupted while waiting'));
    this.wake();
  }

  async #run(): Promise<void> {
    const hints = await this.#source
      .watch(() => {
        this.#hinted = true;
        this.wake();
      })
      .catch(() => undefined);
    try {
      for (let isFirst = true; !this.#closed; ) {
        if (this.#asked.length === 0 && !this.#isWanted()) {
          await new Promise<void>((resolve) => {
            this.#rest = resolve;
          });
          continue;
        }
        const isWatched = hints?.rearm() === true;
        const hasMoved = this.#hinted;
        if (hasMoved) await this.#sleep(SETTLE_MS, new AbortController().signal);
        this.#hinted = false;
        await this.#lookOnce(isWatched ? PAUSE.leastWatched : PAUSE.least, hasMoved);
        this.#alarm = new AbortController();
        // The first look may have begun before the files were watched (`early-git.ts` begins one early). A move in
        // between gave no hint, and would be seen 10 seconds late.
        const isBehind = isFirst && isWatched;
        isFirst = false;
        if (this.#asked.length > 0 || this.#hinted || this.#closed || isBehind) continue;
        // Spread at random: many machines poll the same remote.
        await this.#sleep(this.#pause * (0.8 + 0.4 * this.#random.next()), this.#alarm.signal);
      }
    } finally {
      hints?.close();
    }
  }

  async #lookOnce(least: number, hasMoved: boolean): Promise<void> {
    const asked = this.#asked.splice(0);
    try {
      this.#lookingSince = this.#clock.now();
      const tip = await this.#source.look(hasMoved).finally(() => {
        this.#lookingSince = undefined;
      });
      const isNews = this.#last === undefined || this.#last.tip !== tip;
      if (isNews) this.#pause = least;
      // Looks on request do not tell how long the branch has been resting.
      else if (asked.length === 0) this.#pause = Math.min(Math.max(this.#pause * PAUSE.growth, least), PAUSE.most);
      this.#last = { tip };
      for (const { resolve } of asked) resolve(tip);
      if (isNews) this.#events.tip(tip);
    } catch (error) {
      for (const { reject } of asked) reject(error);
      this.#pause = Math.min(this.#pause * PAUSE.growth, PAUSE.most);
      if (this.#closed) return;
      if (error instanceof Failure && error.code === 'remote-unreachable') this.#events.trouble(error);
      else this.#events.failed(error);
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal).catch(() => undefined);
  }
}
