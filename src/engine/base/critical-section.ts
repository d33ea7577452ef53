import type { Clock } from '../../domain/base/clock.ts';

/** How long (ms) a push may still take after an interrupt before its git is killed: its answer is worth waiting for. */
export const INTERRUPT_GRACE_MS = 10_000;

/**
 * Decides when an interrupt may kill git. Before and after a push, it kills at once. During a push, its look-up and its
 * undoing, it does not: a killed push may have landed, and an interrupt must not leave a claim that nobody works on.
 */
export class CriticalSection {
  readonly #kill = new AbortController();
  #depth = 0;

  constructor(interrupt: AbortSignal, clock: Clock) {
    const onInterrupt = (): void => {
      if (this.#depth === 0) this.#kill.abort(interrupt.reason);
      else
        clock.sleep(INTERRUPT_GRACE_MS, this.#kill.signal).then(
          () => this.#kill.abort(interrupt.reason),
          () => undefined,
        );
    };
    if (interrupt.aborted) onInterrupt();
    else interrupt.addEventListener('abort', onInterrupt, { once: true });
  }

  /** Aborted when git processes must end now. */
  get signal(): AbortSignal {
    return this.#kill.signal;
  }

  /** Runs `work` to its end even if an interrupt arrives meanwhile, within {@link INTERRUPT_GRACE_MS}. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /**
   * Begins a stretch that an interrupt must not cut short and that ends elsewhere.
   * @returns the function that ends it
   */
  enter(): () => void {
    let isIn = true;
    this.#depth++;
    return () => {
      if (isIn) this.#depth--;
      isIn = false;
    };
  }

  /** Ends everything that is still running: the caller is done with the queue. */
  close(): void {
    this.#kill.abort();
  }
}
