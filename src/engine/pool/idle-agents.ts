import { setMaxListeners } from 'node:events';
import type { Clock } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Tips } from '../queue/tips.ts';
import { mayPass, pauseAfter } from '../work/faults.ts';
import type { Wake } from './put-off-tasks.ts';

export interface IdleAgentsOptions {
  readonly tips: Tips;
  readonly clock: Clock;
  readonly idle: { readonly kind: 'leave' } | { readonly kind: 'wait'; readonly ms: number | undefined };
  /** Nobody gets in any more, and waiting agents stop waiting. */
  readonly closed: AbortSignal;
  /** Waiting for the branch failed for good. */
  onFailure(error: unknown): void;
}

/** Longest time (ms) that an alarm is set for: timers end at 24 days. */
const LONGEST_ALARM_MS = 3_600_000;

/** What an agent knew of the queue when it asked for a task. */
export type QueueVersion = number;

/**
 * The agents that found nothing to claim wait here. As long as one agent works, its task may unblock others. So all
 * agents end only together, or wait together for the branch to move.
 */
export class IdleAgents {
  readonly closed: AbortSignal;
  readonly #options: IdleAgentsOptions;
  readonly #over = new AbortController();
  /** With the time from which each may be offered something that was put off. */
  readonly #waiting = new Map<(isOn: boolean) => void, Wake | undefined>();
  /** Agents that neither wait nor have left. */
  #active = 0;
  #changes = 0;
  #watching: Promise<void> | undefined;
  #idleTimer: AbortController | undefined;
  #alarm: AbortController | undefined;

  constructor(options: IdleAgentsOptions) {
    this.#options = options;
    this.closed = AbortSignal.any([options.closed, this.#over.signal]);
    setMaxListeners(0, this.closed);
    this.closed.addEventListener('abort', () => this.#wake(false), { once: true });
  }

  /** Lets an agent in after `delayMs`. @returns false if the pool is closed by then */
  async enter(delayMs: number): Promise<boolean> {
    if (delayMs > 0) await this.#options.clock.sleep(delayMs, this.closed).catch(() => undefined);
    if (this.closed.aborted) return false;
    this.#active++;
    return true;
  }

  leave(): void {
    this.#active--;
    this.#settle();
  }

  /** Take it before asking for a task, so that no later change is missed. */
  pass(): QueueVersion {
    return this.#changes;
  }

  /** Whether all other agents wait or have left. */
  get isLast(): boolean {
    return this.#active <= 1;
  }

  /**
   * An agent has found nothing.
   * @param wake from when on it may be offered something although the branch has not moved
   * @returns whether it may try again; false: the pool is closed
   */
  async wait(pass: QueueVersion, wake?: Wake): Promise<boolean> {
    if (this.closed.aborted) return false;
    if (pass !== this.#changes) return true;
    const isOn = new Promise<boolean>((resolve) => this.#waiting.set(resolve, wake));
    this.#active--;
    this.#settle();
    const answer = await isOn;
    this.#active++;
    return answer;
  }

  /** A task was claimed, so the pool was not idle. */
  claimed(): void {
    this.#idleTimer?.abort();
    this.#idleTimer = undefined;
  }

  /** An agent of this pool is done with a task: others may be claimable now. */
  changed(): void {
    this.#changes++;
    this.#wake(true);
  }

  close(): void {
    this.#over.abort(ended());
  }

  /** Begins what the waiting agents need: a watch, the idle timer, or the end. */
  #settle(): void {
    const { idle, clock } = this.#options;
    if (this.closed.aborted) return;
    if (idle.kind === 'wait' && this.#waiting.size > 0) {
      this.#watching ??= this.#watch();
    }
    this.#setAlarm();
    if (this.#active > 0) return;
    // Something was put off that one of them has not tried yet.
    if ([...this.#waiting.values()].some((wake) => wake?.for === 'pool')) return;
    if (idle.kind === 'leave') {
      this.#over.abort(ended());
      return;
    }
    // Only a claimed task ends the idle time: failed tries, whenever the branch moves, do not.
    if (idle.ms === undefined || this.#waiting.size === 0 || this.#idleTimer) return;
    this.#idleTimer = new AbortController();
    const over = AbortSignal.any([this.#idleTimer.signal, this.closed]);
    clock.sleep(idle.ms, over).then(
      () => this.#over.abort(ended()),
      () => undefined,
    );
  }

  /** Wakes the waiting agents when the first of them may be offered something that was put off. */
  #setAlarm(): void {
    this.#alarm?.abort();
    this.#alarm = undefined;
    const times = [...this.#waiting.values()].flatMap((wake) => (wake === undefined ? [] : [wake.at]));
    if (times.length === 0) return;
    const { clock } = this.#options;
    const left = Math.min(...times) - clock.now();
    this.#alarm = new AbortController();
    const over = AbortSignal.any([this.#alarm.signal, this.closed]);
    // Timers may be a moment early.
    clock.sleep(Math.min(Math.max(left, 0), LONGEST_ALARM_MS) + 5, over).then(
      () => this.changed(),
      () => undefined,
    );
  }

  #wake(isOn: boolean): void {
    this.#alarm?.abort();
    this.#alarm = undefined;
    for (const resolve of this.#waiting.keys()) resolve(isOn);
    this.#waiting.clear();
  }

  /** Wakes the waiting agents whenever the branch moves, as long as the pool lives. */
  async #watch(): Promise<void> {
    const { tips, clock, onFailure } = this.#options;
    for (let failures = 0; !this.closed.aborted; ) {
      try {
        let tip = await tips.look(this.closed);
        for (failures = 0; ; ) {
          // Also after the first look: a change between an agent's question and the look would be missed.
          this.changed();
          tip = await tips.changed(tip, this.closed);
        }
      } catch (error) {
        if (this.closed.aborted) return;
        // Agents wait only after the remote has answered them.
        if (!mayPass(error, true)) return onFailure(error);
        await clock.sleep(pauseAfter(failures++), this.closed).catch(() => undefined);
      }
    }
  }
}

/** A failure, so that a claim that is aborted by it can say whether it may have landed. */
function ended(): Failure {
  return new Failure('interrupted', 'the pool has ended');
}
