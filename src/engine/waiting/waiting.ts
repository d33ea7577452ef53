import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Meet } from '../../machine/meeting.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { Tip, Tips } from '../queue/tips.ts';
import { LINK_LOST, type Link, LOOK_YOURSELF, openLink } from './link.ts';
import type { TipSource } from './tip-poller.ts';

export interface TipWatchOptions {
  /** Meets the waiting processes of this machine; undefined: this process looks for itself. */
  readonly meet: Meet | undefined;
  /** Used when this process is the one that looks. */
  readonly source: TipSource;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** The remote cannot be reached; waiting goes on. */
  onTrouble(failure: Failure): void;
}

interface Waiter {
  readonly known: Tip;
  resolve(tip: Tip): void;
  reject(error: unknown): void;
}

/** {@link Tips}, shared with other processes through a socket. Nothing is opened before the first call. */
export class TipWatch implements Tips {
  readonly #options: TipWatchOptions;
  readonly #waiters = new Set<Waiter>();
  #link: Promise<Link> | undefined;
  #last: { readonly tip: Tip } | undefined;
  #isClosed = false;

  constructor(options: TipWatchOptions) {
    this.#options = options;
  }

  look(signal?: AbortSignal): Promise<Tip> {
    return this.#abortable(signal, async (isOver) => {
      for (;;) {
        const link = await this.#open();
        try {
          return await link.look();
        } catch (error) {
          if (error === LOOK_YOURSELF) return await this.#lookAlone();
          if (error !== LINK_LOST) throw error;
          // The looking process is gone: the next one, perhaps this one, looks.
          if (isOver()) throw new Failure('interrupted', 'interrupted while waiting');
        }
      }
    });
  }

  lookAlone(signal?: AbortSignal): Promise<Tip> {
    return this.#abortable(signal, () => this.#lookAlone());
  }

  changed(known: Tip, signal?: AbortSignal): Promise<Tip> {
    let waiter: Waiter | undefined;
    const waiting = this.#abortable(signal, () => {
      if (this.#last && this.#last.tip !== known) return Promise.resolve(this.#last.tip);
      return new Promise<Tip>((resolve, reject) => {
        waiter = { known, resolve, reject };
        this.#waiters.add(waiter);
        this.#open().then((link) => link.wake(), reject);
      });
    });
    return waiting.finally(() => waiter && this.#waiters.delete(waiter));
  }

  /** Closes the link; another process looks from then on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    (await this.#link?.catch(() => undefined))?.close();
  }

  async #lookAlone(): Promise<Tip> {
    const tip = await this.#options.source.look(false);
    this.#seen(tip);
    return tip;
  }

  #open(): Promise<Link> {
    const { meet, source, clock, random, at, onTrouble } = this.#options;
    this.#link ??= openLink({
      meet,
      source,
      clock,
      random,
      at,
      isWanted: () => this.#waiters.size > 0,
      onTip: (tip) => this.#seen(tip),
      onTrouble: (failure) => {
        if (this.#waiters.size > 0) onTrouble(failure);
      },
      onFailed: (error) => {
        this.#link = undefined;
        this.#fail(error);
      },
      onLost: () => {
        this.#link = undefined;
        if (this.#waiters.size === 0 || this.#isClosed) return;
        this.#open().then(
          (link) => link.wake(),
          (error: unknown) => this.#fail(error),
        );
      },
    });
    return this.#link;
  }

  #fail(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }

  #seen(tip: Tip): void {
    this.#last = { tip };
    this.#options.at?.('seen');
    for (const waiter of this.#waiters) if (waiter.known !== tip) waiter.resolve(tip);
  }

  #abortable(given: AbortSignal | undefined, work: (isOver: () => boolean) => Promise<Tip>): Promise<Tip> {
    const { signal: own } = this.#options;
    // Each waiter has a signal of its own: hundreds may wait at once, and node takes many listeners on one for a leak.
    const signal = AbortSignal.any(given === undefined ? [own] : [own, given]);
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason);
      if (signal.aborted) {
        stop();
        return;
      }
      signal.addEventListener('abort', stop, { once: true });
      work(() => signal.aborted || this.#isClosed)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', stop));
    });
  }
}
