import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { Engine } from '../base/engine.ts';
import {
  afterLook,
  afterPush,
  beforeLooking,
  CROWD_CHECK_MS,
  isCrowdGone,
  type LookTimes,
  pauseAfterCrowd,
  pauseBeforeLook,
  pauseInCrowd,
  TIMER_MS,
} from './poll-schedule.ts';
import type { Request } from './request-ref.ts';
import { requestsAhead, takeOverAfter } from './takeover.ts';

/**
 * Times the looks at the remote, and tells when the leader is silent, by the rules of `poll-schedule.ts` and
 * `takeover.ts`.
 */
export class Polling {
  readonly #clock: Clock;
  readonly #random: Randomness;
  readonly #cpuPressureMs: () => number | undefined;
  #times: LookTimes;
  #waits = 0;
  #seen = '';
  #progressAt: number;

  constructor({ clock, random, host, cpuPressureMs }: Pick<Engine, 'clock' | 'random' | 'host' | 'cpuPressureMs'>) {
    this.#clock = clock;
    this.#random = random;
    this.#cpuPressureMs = cpuPressureMs ?? (() => undefined);
    this.#times = beforeLooking(host);
    this.#progressAt = clock.now();
  }

  /** Looks and measures: everything else here depends on how long a look takes, and why. */
  async timed<T>(look: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.now();
    const over = new AbortController();
    let lateMs = 0;
    this.#clock.sleep(TIMER_MS, over.signal).then(
      () => {
        lateMs = this.#clock.now() - startedAt - TIMER_MS;
      },
      () => undefined,
    );
    try {
      return await look();
    } finally {
      over.abort();
      this.#times = afterLook(this.#times, { ms: this.#clock.now() - startedAt, lateMs });
    }
  }

  /** Pushes and measures: a push, too, tells how fast the remote is. */
  async timedPush<T>(push: Promise<T>, hasPushed: (result: T) => boolean): Promise<T> {
    const startedAt = this.#clock.now();
    const result = await push;
    if (hasPushed(result)) this.#times = afterPush(this.#times, this.#clock.now() - startedAt);
    return result;
  }

  /** Call it when somebody was seen at work, or when the wait begins. */
  noteProgress(): void {
    this.#progressAt = this.#clock.now();
  }

  /** Whether we must lead: our request is the oldest, or the one that should lead has been silent for too long. */
  isOurTurn(requests: readonly Request[], isOurs: (request: Request) => boolean, tip: string): boolean {
    const ahead = requestsAhead(requests, isOurs);
    if (ahead === undefined) return false;
    const [oldest] = ahead;
    if (oldest === undefined) return true;
    const seen = `${tip} ${oldest.ref}`;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.noteProgress();
    }
    const silentForMs = this.#clock.now() - this.#progressAt;
    return silentForMs > takeOverAfter(this.#times, ahead.length, this.#random.next());
  }

  /** Sleeps until the next look. Ends early when aborted, without throwing. */
  async wait(waiting: number, signal: AbortSignal): Promise<void> {
    const ms = pauseBeforeLook(this.#times, { waiting, waits: this.#waits++, chance: this.#random.next() });
    const pressureMs = this.#times.host === 'crowded' ? this.#cpuPressureMs() : undefined;
    if (pressureMs === undefined) await this.#sleep(ms, signal);
    else await this.#sleepInCrowd(pauseInCrowd(ms), pressureMs, waiting, signal);
  }

  async #sleepInCrowd(ms: number, pressureMs: number, waiting: number, signal: AbortSignal): Promise<void> {
    const until = this.#clock.now() + ms;
    let [before, checkedAt] = [pressureMs, this.#clock.now()];
    while (!signal.aborted && this.#clock.now() < until) {
      await this.#sleep(Math.min(CROWD_CHECK_MS, until - this.#clock.now()), signal);
      const [after, now] = [this.#cpuPressureMs() ?? before, this.#clock.now()];
      if (isCrowdGone(after - before, now - checkedAt)) {
        const ms = Math.min(pauseAfterCrowd(waiting, this.#random.next()), until - now);
        return this.#sleep(Math.max(0, ms), signal);
      }
      [before, checkedAt] = [after, now];
    }
  }

  /** Ends early when aborted, without throwing. */
  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(Math.round(ms), signal).catch(() => undefined);
  }
}
