import pRetry from 'p-retry';
import { given } from '../../domain/base/given.ts';
import type { PushOutcome } from '../../git/answers/push-outcome.ts';
import { backoffDelay } from '../base/backoff.ts';
import type { Engine, Settlement } from '../base/engine.ts';
import { pushFailure, RetryableFailure, wordlessRefusal } from '../base/retryable.ts';
import { Group } from './group.ts';
import type { IntentSource } from './intent-source.ts';
import { lookAtTip } from './tip.ts';
import { tryOnce } from './try-once.ts';

/** A lock on the server counts as the lock of a killed push after this long (ms), and no longer as a push at work. */
const SERVER_LOCK_PATIENCE_MS = 10_000;

/**
 * After this many pushes in a row that the server ended without a word, while it answered the looks between them, it
 * takes no pushes: JGit's daemon refuses in this way. A server in trouble may do the same once or twice. (A worker that
 * has been served there waits for better days all the same.)
 */
const MOST_WORDLESS = 5;

/** One attempt at changing the branch. @throws RetryableFailure if another attempt may succeed */
export interface Attempts<T> {
  /**
   * @param number from 1
   * @param noteProgress to be called when others are seen to change the remote: no lock keeps them from it
   */
  attempt(number: number, noteProgress: () => void): Promise<T>;
}

/**
 * Carries the intents out, all in one push: look, read, decide, build, push. If another push was first, it starts
 * again.
 *
 * @throws Failure `retries-exhausted`, `remote-unreachable`, `remote-refused`, `remote-locked`, `branch-missing`, or
 *   the signal's reason. A refused intent is not thrown: it is an answer.
 */
export function transact(engine: Engine, source: IntentSource): Promise<Settlement> {
  return new Transaction(engine, source).run();
}

/** Repeats attempts with exponential backoff while they fail in a way that another attempt may fix. */
export async function retrying<T>(engine: Engine, attempts: Attempts<T>): Promise<T> {
  let lockedSince: number | undefined;
  let wordless = 0;
  const noteProgress = (): void => {
    lockedSince = undefined;
  };
  let first: RetryableFailure;
  try {
    return await attempts.attempt(1, noteProgress);
  } catch (error) {
    if (!(error instanceof RetryableFailure)) throw error;
    first = error;
  }
  // Only now: nearly every claim lands at once, and p-retry makes node load clocks, which costs a millisecond.
  return pRetry((number) => (number === 1 ? Promise.reject(first) : attempts.attempt(number, noteProgress)), {
    retries: engine.maxRetries,
    // The wait is ours: p-retry's own jitter is 1 to 2 times the delay, and its timers can't be simulated.
    minTimeout: 0,
    shouldRetry: ({ error }) => error instanceof RetryableFailure,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      engine.signal.throwIfAborted();
      if (!(error instanceof RetryableFailure)) return;
      lockedSince = error.code === 'remote-locked' ? (lockedSince ?? engine.clock.now()) : undefined;
      if (lockedSince !== undefined && engine.clock.now() - lockedSince >= SERVER_LOCK_PATIENCE_MS) throw error;
      wordless = error.isWordless ? wordless + 1 : 0;
      if (wordless === MOST_WORDLESS) throw wordlessRefusal(wordless);
      if (retriesLeft <= 0) return;
      await engine.clock.sleep(pauseAfter(engine, attemptNumber, error, attemptNumber - 1), engine.signal);
    },
  });
}

/**
 * How long (ms) to wait after a failed attempt, by the backoff policy as adapted to recent rejections. Reports the
 * wait.
 * @param attempt number of the attempt that failed, from 1
 * @param pauses number of waits so far
 */
export function pauseAfter(
  engine: Engine,
  attempt: number,
  { code, words: reason }: RetryableFailure,
  pauses: number,
): number {
  const policy = engine.rejections.adapt(engine.backoff);
  const delayMs = backoffDelay(policy, pauses, engine.random);
  const { seen } = engine.rejections;
  const unreachable = code === 'remote-unreachable' ? { unreachable: true as const } : {};
  engine.onEvent({
    kind: 'retrying',
    attempt: attempt + 1,
    delayMs,
    baseMs: policy.baseMs,
    ...given({ rate: seen }),
    reason,
    ...unreachable,
  });
  return delayMs;
}

class Transaction implements Attempts<Settlement> {
  readonly #engine: Engine;
  readonly #group: Group;
  #attempts = 0;

  constructor(engine: Engine, source: IntentSource) {
    this.#engine = engine;
    this.#group = new Group(engine, source);
  }

  run(): Promise<Settlement> {
    return retrying(this.#engine, this)
      .catch((error: unknown) => this.#group.lastWord(error, this.#attempts))
      .finally(() => this.#group.close());
  }

  async attempt(number: number): Promise<Settlement> {
    this.#attempts = number;
    this.#engine.signal.throwIfAborted();
    for (;;) {
      this.#group.looking();
      const { tip } = await lookAtTip(this.#engine, [], true);
      await this.#group.join('now', tip);
      if (this.#group.pending.length === 0) return this.#group.settlement(number);
      const outcome = await tryOnce(this.#engine, this.#group, tip, number);
      if (this.#group.turns.isKept) continue;
      const settlement = concluded(this.#group, outcome, number);
      // Intents that arrived after the look are answered by the next one; those that arrive during that, by the one
      // after it.
      if (this.#group.pending.length === 0) return settlement;
      this.#engine.signal.throwIfAborted();
    }
  }
}

/**
 * The settlement after a push that landed.
 * @throws the failure of a push that did not. {@link Group.lastWord} looks up what may have landed nevertheless.
 */
export function concluded(group: Group, outcome: PushOutcome, attempt: number): Settlement {
  if (outcome.kind === 'landed') return group.settlement(attempt);
  throw pushFailure(outcome, attempt);
}
