import type { Failure } from '../../../src/domain/base/failure.ts';
import type { Tip } from '../../../src/engine/queue/tips.ts';
import type { TipSource } from '../../../src/engine/waiting/tip-poller.ts';

export const A: string = 'a'.repeat(40);
export const B: string = 'b'.repeat(40);
export const C: string = 'c'.repeat(40);

/** A branch whose tip is set by the test. */
export class Branch implements TipSource {
  readonly isWatched: boolean;
  tip: Tip = A;
  failure: Failure | undefined;
  looks = 0;
  /** Of each look, whether it was said that the branch has moved. */
  readonly announced: boolean[] = [];
  #hints = new Set<() => void>();

  constructor(isWatched: boolean) {
    this.isWatched = isWatched;
  }

  async look(hasMoved: boolean): Promise<Tip> {
    this.looks++;
    this.announced.push(hasMoved);
    if (this.failure) throw this.failure;
    return this.tip;
  }

  async watch(onHint: () => void) {
    if (!this.isWatched) return undefined;
    this.#hints.add(onHint);
    return { rearm: () => true, close: () => void this.#hints.delete(onHint) };
  }

  move(tip: Tip): void {
    this.tip = tip;
    for (const hint of this.#hints) hint();
  }
}

/** A clock that only moves when told; `pauses` are all sleeps asked for. */
export class StepClock {
  at = 0;
  readonly pauses: number[] = [];
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.at;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.pauses.push(ms);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const sleeper = { at: this.at + ms, wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Time passes until the next sleeper wakes; waits until there is one, and for what it does then. */
  async tick(): Promise<void> {
    while (this.#sleepers.length === 0) await turn();
    this.step();
    for (let turns = 0; turns < 10; turns++) await turn();
  }

  /** Time passes until the next sleeper wakes, if there is one. */
  step(): void {
    const next = Math.min(...this.#sleepers.map(({ at }) => at));
    if (next === Number.POSITIVE_INFINITY) return;
    this.at = next;
    const due = this.#sleepers.filter(({ at }) => at === next);
    this.#sleepers = this.#sleepers.filter(({ at }) => at !== next);
    for (const { wake } of due) wake();
  }
}

/** Lets the event loop turn once. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets the clock run until the promise is settled. */
export async function settled(promise: Promise<unknown>, clock: StepClock): Promise<void> {
  const state = { isOver: false };
  const end = (): void => {
    state.isOver = true;
  };
  promise.then(end, end);
  while (!state.isOver) {
    clock.step();
    for (let turns = 0; turns < 10; turns++) await turn();
  }
}
