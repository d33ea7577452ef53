import type { WorkEvent } from './events.ts';
import { limitOf, mayPass, pauseAfter, wordsOf } from './faults.ts';
import type { Lease } from './lease.ts';
import type { Shutdown } from './shutdown.ts';

/** How long (ms) an agent with a task waits until the machine has files, processes or memory again. The remote is
 * waited for as long as the claim stands, as for everything else that it must answer. */
const WAITS_MS = 30_000;

/**
 * Waits for room on a machine that is at its limits, and for a remote that does not answer: others of the pool finish,
 * and free what they had. A command that cannot be started for that reason has not failed.
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

  /**
   * @returns whether to try again; false if the error is neither a limit of the machine nor trouble of the remote, or
   * lasts too long
   */
  async wait(error: unknown): Promise<boolean> {
    const { clock, interrupt, onEvent } = this.#options;
    const { gone } = this.#lease;
    const isRemote = limitOf(error) === undefined;
    if ((isRemote && !mayPass(error, true)) || interrupt.aborted || gone.aborted) return false;
    const now = clock.now();
    if (this.#since === undefined) onEvent({ kind: 'no-room', job: this.#lease.job, reason: wordsOf(error) });
    this.#since ??= now;
    if (!isRemote && now - this.#since >= WAITS_MS) return false;
    const wake = AbortSignal.any([interrupt, gone]);
    await clock.sleep(pauseAfter(this.#failures++), wake).catch(() => undefined);
    return true;
  }
}
