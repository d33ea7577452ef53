import type { Clock } from '../../domain/base/clock.ts';
import { doublingPause } from '../../domain/base/doubling-pause.ts';
import { Failure } from '../../domain/base/failure.ts';

/** First and longest pause (ms) of a process whose command cannot work now; it doubles each time. */
const FIRST_MS = 10_000;
const LONGEST_MS = 900_000;

/** How much longer (times) the task itself is left alone, so that the others have their turn. */
const TASK_TIMES = 3;

/** Shortest time (ms) for which a task is left alone that was put off. */
export const SHORTEST_LATER_MS: number = TASK_TIMES * FIRST_MS;

/** Most pauses in a row of a pool that was not asked to wait: some five minutes. */
const MOST_PAUSES = 5;

export interface LaterOptions {
  readonly clock: Clock;
  /** Ends every pause. */
  readonly closed: AbortSignal;
  readonly idle: 'leave' | 'wait';
}

/** What follows from a command that says "not now". */
export type NotNow =
  /** `pauseMs`: how long nobody claims; 0 if the pause has begun before. */
  | { readonly kind: 'pause'; readonly pauseMs: number; readonly taskUntil: number }
  | { readonly kind: 'end'; readonly failure: Failure };

/**
 * The pauses of a process whose command says that it cannot work now (exit 75): no quota, not logged in. That holds for
 * all of its agents, so none of them claims meanwhile.
 */
export class Later {
  readonly #options: LaterOptions;
  #row = 0;
  #until = 0;

  constructor(options: LaterOptions) {
    this.#options = options;
  }

  /** @param retryAt when the command wants to be tried again (ms since the epoch) */
  notNow(reason: string, retryAt = 0): NotNow {
    const now = this.#options.clock.now();
    // Other commands that ended meanwhile had begun before: they say nothing new.
    const isNew = now >= this.#until;
    if (isNew) this.#row++;
    if (this.#options.idle === 'leave' && this.#row > MOST_PAUSES) {
      return { kind: 'end', failure: neverNow(this.#row, reason) };
    }
    const pauseMs = doublingPause(FIRST_MS, LONGEST_MS, this.#row);
    if (isNew) this.#until = now + pauseMs;
    return { kind: 'pause', pauseMs: isNew ? pauseMs : 0, taskUntil: Math.max(retryAt, now + TASK_TIMES * pauseMs) };
  }

  /** The command has worked, or failed: it can. */
  works(): void {
    this.#row = 0;
  }

  /** Settles when agents may claim. */
  async over(): Promise<void> {
    const { clock, closed } = this.#options;
    const left = this.#until - clock.now();
    if (left > 0) await clock.sleep(left, closed).catch(() => undefined);
  }
}

function neverNow(times: number, reason: string): Failure {
  return new Failure('command-failed', `${times} times in a row the command ${reason}`, {
    hint: 'with --wait, `agentq work` goes on trying, with longer and longer pauses',
  });
}
