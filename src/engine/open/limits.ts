import type { QueueEvent } from '../../domain/base/event.ts';
import { withinDeadline } from '../base/deadline.ts';
import { Pushed } from '../base/pushed.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import { tooLate } from './submit.ts';

/** How often (ms) a waiting process reports that it waits: nothing hangs in silence (CONTRACT 7.6). */
const STILL_WAITING_MS = 30_000;

type Terms = Pick<OpenQueueOptions, 'clock' | 'timeoutMs' | 'timeoutOf'> & { onEvent(event: QueueEvent): void };

/** Limits how long work on a queue may take, and reports while it takes long. */
export class Limits {
  readonly #terms: Terms;
  readonly #silence: () => string | undefined;
  readonly #openedAt: number;
  readonly #pushed = new Pushed();

  /** @param silence why the remote has not answered so far; undefined if it has */
  constructor(terms: Terms, silence: () => string | undefined) {
    this.#terms = terms;
    this.#silence = silence;
    this.#openedAt = terms.clock.now();
  }

  /** Remaining time (ms): of the whole command, or for one submit. */
  leftMs(): number | undefined {
    const { clock, timeoutMs, timeoutOf } = this.#terms;
    if (timeoutMs === undefined || timeoutOf === 'each-submit') return timeoutMs;
    return Math.max(0, this.#openedAt + timeoutMs - clock.now());
  }

  /**
   * Runs the work within the remaining time. The work itself is not ended: git is, when the queue is closed.
   * @throws Failure `timed-out`, or `remote-unreachable` if the remote has not answered at all
   */
  async within<T>(work: () => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#terms;
    const leftMs = this.leftMs();
    if (timeoutMs === undefined || leftMs === undefined) return work();
    const [end, done] = [new AbortController(), new AbortController()];
    clock.sleep(leftMs, done.signal).then(
      () => end.abort(tooLate(timeoutMs, this.#silence())),
      () => undefined,
    );
    try {
      return await withinDeadline(work(), end.signal);
    } finally {
      done.abort();
    }
  }

  /** The same for work that only reads, with reports while it takes long. */
  reading<T>(work: () => Promise<T>): Promise<T> {
    return this.announced('the answer of the remote', () => this.within(work));
  }

  /**
   * The same for work that pushes commits of its own, without a request that can be looked up.
   * @throws the failure, which says what landed and what may have landed, by this work and by earlier work
   */
  async pushing<T>(work: (pushed: Pushed) => Promise<T>): Promise<T> {
    try {
      return await this.reading(() => work(this.#pushed));
    } catch (error) {
      throw this.#pushed.told(error);
    }
  }

  /** Runs the work. While it takes long, reports again and again what it waits for. */
  async announced<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { clock, onEvent } = this.#terms;
    const done = new AbortController();
    const startedAt = clock.now();
    const announce = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(STILL_WAITING_MS, done.signal);
        onEvent({ kind: 'still-waiting', what, elapsedMs: clock.now() - startedAt });
      }
    };
    announce().catch(() => undefined);
    try {
      return await work();
    } finally {
      done.abort();
    }
  }
}
