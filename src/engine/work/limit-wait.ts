import type { WorkEvent } from './events.ts';
import { limitOf, pauseAfter, wordsOf } from './faults.ts';
import type { Lease } from './lease.ts';
import type { Shutdown } from './shutdown.ts';

/** How long (ms) an agent with a task waits until the machine has files, processes or memory again. */
const WAITS_MS = 30_000;

/**
 * Waits for room on a machine that is at its limits: others of the pool finish, and free what they had. A command that
 * cannot be started for that reason has not failed.
 */
export class LimitWait {
  readonly #lease: Lease;
  readonly #options: Shutdown & { onEvent(event: WorkEvent): void };
  #since: number | undefined;
  #failures = 0;

  constructor(lease: Lease, options: Shutdown & { onEvent(event: WorkEvent): void }) {
    this.#lease = lease;
    this.#options = options;
  }

  /** @returns whether to try again; false if the error is no limit of the machine, or lasts too long */
  async wait(error: unknown): Promise<boolean> {
    const { clock, interrupt, onEvent } = this.#options;
    if (limitOf(error) === undefined || interrupt.aborted) return false;
    const now = clock.now();
    if (this.#since === undefined) onEvent({ kind: 'no-room', job: this.#lease.job, reason: wordsOf(error) });
    this.#since ??= now;
    if (now - this.#since >= WAITS_MS) return false;
    const wake = AbortSignal.any([interrupt, this.#lease.gone]);
    await clock.sleep(pauseAfter(this.#failures++), wake).catch(() => undefined);
    return true;
  }
}
