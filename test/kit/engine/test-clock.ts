import type { Clock } from '../../../src/domain/base/clock.ts';

/**
 * Time that only sleeping moves. `leaping`: a sleep is over at once, and the clock has moved by its length; `standing`:
 * sleepers wait until a test advances the clock.
 */
export class TestClock implements Clock {
  /** Every sleep that was begun, ms. */
  readonly sleeps: number[] = [];
  /** Called when somebody begins to sleep. */
  onSleep: (ms: number) => void = () => undefined;
  readonly #mode: 'leaping' | 'standing';
  #now: number;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  constructor(mode: 'leaping' | 'standing' = 'leaping', now = Date.UTC(2030, 0, 1)) {
    this.#mode = mode;
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    this.onSleep(ms);
    signal?.throwIfAborted();
    if (this.#mode === 'leaping') {
      this.#now += ms;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Lets time pass, and wakes who has slept long enough. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
  }
}
