import { onAbort } from '../process/on-abort.ts';

/**
 * How long (ms) one fetch waits for another. That one may hang, and nobody pays for others: then both run at the same
 * time.
 */
const PATIENCE_MS = 5_000;

/**
 * Fetches of one process, one after another, the last one that was asked for first. After another machine has carried
 * out what 50 agents of a process wanted, each of them needs its own commit at the same moment. The newest brings the
 * others along, so that two or three fetches do, and not 50 at once.
 */
export class FetchTurns {
  /** What lets each waiting fetch begin, in the order in which they came. */
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /**
   * Runs the work when it is its turn. It should look first whether there still is something to fetch.
   * @throws the signal's reason if that is aborted while it waits; what the work throws
   */
  async take(work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    if (this.#isTaken && (await this.#turn(signal)) === 'none') {
      signal?.throwIfAborted();
      return work();
    }
    this.#isTaken = true;
    try {
      // Inside: whoever has the turn must hand it on.
      signal?.throwIfAborted();
      await work();
    } finally {
      const next = this.#waiting.pop();
      // The turn is handed over, so that nobody who comes in between takes it.
      if (next === undefined) this.#isTaken = false;
      else next();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<'turn' | 'none'> {
    return new Promise((resolve) => {
      const begin = (): void => end('turn');
      const giveUp = (): void => {
        const index = this.#waiting.indexOf(begin);
        if (index < 0) return;
        this.#waiting.splice(index, 1);
        end('none');
      };
      const timer = setTimeout(giveUp, PATIENCE_MS);
      let forget = (): void => undefined;
      const end = (how: 'turn' | 'none'): void => {
        clearTimeout(timer);
        forget();
        resolve(how);
      };
      this.#waiting.push(begin);
      forget = onAbort(signal, giveUp);
    });
  }
}
