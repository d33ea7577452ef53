import type { Clock } from '../../src/domain/base/clock.ts';

interface Event {
  readonly at: number;
  /** Events at the same time happen in the order in which they were added. */
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A clock that nobody waits for. While anything can run, it stands still. As soon as everything sleeps, it jumps to the
 * next event. Code that waits for hours of real time runs in moments, and always in the same order.
 */
export class VirtualTime implements Clock {
  #now: number;
  #orders = 0;
  readonly #events: Event[] = [];
  readonly #turns: number;

  /**
   * @param start milliseconds since the epoch
   * @param turns how many turns of the event loop the code may take without time passing: 1 if it only awaits promises,
   * more if it uses `setImmediate` itself
   */
  constructor(start: number, turns = 1) {
    this.#now = start;
    this.#turns = turns;
  }

  /** Whole milliseconds, as from every real clock of the engine. */
  now(): number {
    return Math.round(this.#now);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = (): void => reject(signal?.reason);
      const wake = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#add({ at: this.#now + Math.max(0, ms), order: this.#orders++, wake });
    });
  }

  /**
   * Runs until the work is done.
   * @throws what the work throws, or an error if it waits for something that will never come
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    work.then(end, end);
    for (;;) {
      // All code that can run without time passing runs before the next immediate.
      for (let turn = 0; turn < this.#turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return work;
      const next = this.#take();
      if (next === undefined) throw new Error('everything waits, and nothing will happen any more');
      this.#now = next.at;
      next.wake();
    }
  }

  /** A binary heap: 10,000 sleeping agents are too many for a sorted list. */
  #add(event: Event): void {
    const heap = this.#events;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #take(): Event | undefined {
    const heap = this.#events;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let below = heap[child];
      const right = heap[child + 1];
      if (below !== undefined && right !== undefined && isBefore(right, below)) {
        below = right;
        child++;
      }
      if (below === undefined || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
