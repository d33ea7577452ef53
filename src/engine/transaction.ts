import pRetry from 'p-retry';
import { type Decision, decide } from '../domain/decide.ts';
import type { Intent } from '../domain/intent.ts';
import type { QueueSnapshot } from '../domain/snapshot.ts';
import type { PushOutcome } from '../git/push-outcome.ts';
import type { SnapshotScope } from '../store/queue-store.ts';
import { backoffDelay } from './backoff.ts';
import type { Engine, Pending, Settled, Settlement } from './engine.ts';
import type { Intake } from './intake.ts';
import { recall } from './recall.ts';
import { pushFailure, RetryableFailure } from './retryable.ts';
import { covers, scopeOf } from './scope.ts';
import { lookAtTip, readSnapshot } from './tip.ts';

/** Longest time (ms) that a lock on the server is taken for another push at work, and not for one that was killed. */
const SERVER_LOCK_PATIENCE_MS = 10_000;

/**
 * Carries the intents out: look, read, decide, build, push; and again from the start where somebody else was first.
 * One push for all of them.
 *
 * @throws Failure `retries-exhausted`, `remote-unreachable`, `remote-refused`, `remote-locked`, `branch-missing`, or
 *   what the signal was aborted with. A refused intent is not thrown: it is an answer.
 */
export async function transact(engine: Engine, intake: Intake): Promise<Settlement> {
  const transaction = new Transaction(engine, intake);
  return pRetry((attempt) => transaction.attempt(attempt), {
    retries: engine.maxRetries,
    // The wait is ours: p-retry's own jitter is 1 to 2 times the delay, and its timers can't be simulated.
    minTimeout: 0,
    shouldRetry: ({ error }) => error instanceof RetryableFailure,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      engine.signal.throwIfAborted();
      if (!(error instanceof RetryableFailure)) return;
      if (transaction.serverLockIsStale()) throw error;
      if (retriesLeft <= 0) return;
      const delayMs = backoffDelay(engine.backoff, attemptNumber - 1, engine.random);
      engine.onEvent({ kind: 'retrying', attempt: attemptNumber + 1, delayMs, reason: error.words });
      await engine.clock.sleep(delayMs, engine.signal);
    },
  });
}

/** The intents of one transaction, and what its attempts have learnt so far. */
class Transaction {
  readonly #engine: Engine;
  readonly #intake: Intake;
  readonly #startedAt: number;
  readonly #settled: Settled[] = [];
  #pending: readonly Pending[] = [];
  #rejectedPushes = 0;
  #lockedSince: number | undefined;

  constructor(engine: Engine, intake: Intake) {
    this.#engine = engine;
    this.#intake = intake;
    this.#startedAt = engine.clock.now();
  }

  async attempt(attempt: number): Promise<Settlement> {
    const { store, clock, signal, critical } = this.#engine;
    signal.throwIfAborted();
    const { tip } = await lookAtTip(this.#engine);
    await this.#join('now', tip);
    if (this.#pending.length === 0) return this.#settlement(attempt);
    const snapshot = await this.#read(tip);
    if (this.#pending.length === 0) return this.#settlement(attempt);

    const intents = this.#pending.map(({ intent }) => this.#numbered(intent, attempt));
    const plan = decide(snapshot, intents, clock.now());
    const answers = (commits: readonly string[]) => plan.decisions.map((decision) => toSettled(decision, commits, tip));
    if (plan.commits.length === 0) {
      this.#settle(answers([]));
      return this.#settlement(attempt);
    }
    const commits = await store.build(snapshot, plan.commits, clock.now());
    await this.#intake.announce(tip);
    signal.throwIfAborted();
    return critical.run(async () => {
      const pushedAt = clock.now();
      const outcome = await store.push([{ ref: store.branchRef, expected: tip, to: commits.at(-1) }]);
      if (outcome.kind === 'landed') {
        const elapsedMs = clock.now() - pushedAt;
        this.#engine.onEvent({ kind: 'pushed', commit: commits.at(-1) ?? tip, commits: commits.length, elapsedMs });
        // Refusals too hold only now: "nothing claimable" may be so because another intent of this batch took it.
        this.#settle(answers(commits));
        return this.#settlement(attempt);
      }
      this.#noteFailure(outcome, attempt, tip);
      // An interrupt or a deadline ends the tries; what may have landed is looked up first, while git may still run.
      if (signal.aborted && outcome.kind !== 'rejected' && outcome.kind !== 'refused') {
        this.#settle(await recall(this.#engine, (await lookAtTip(this.#engine)).tip, this.#pending));
        if (this.#pending.length === 0) return this.#settlement(attempt);
      }
      throw pushFailure(outcome, attempt);
    });
  }

  /** Takes in who has arrived, answers whose intent is carried out already, and lets go of who has given up. */
  async #join(when: 'now' | 'last-call', tip: string): Promise<void> {
    const joining = await this.#intake.join(when);
    const suspects = when === 'now' ? [...this.#pending, ...joining] : joining;
    this.#pending = [...this.#pending, ...joining];
    this.#settle(await recall(this.#engine, tip, suspects));
    const dropped = this.#intake.drop();
    this.#pending = this.#pending.filter(({ intent }) => !dropped.has(intent.request));
  }

  /** Reads what deciding needs; those who arrive while it is read may need more. */
  async #read(tip: string): Promise<QueueSnapshot> {
    const scope = this.#scope();
    const snapshot = await readSnapshot(this.#engine, tip, scope);
    await this.#join('last-call', tip);
    const needed = this.#scope();
    return covers(scope, needed) ? snapshot : readSnapshot(this.#engine, tip, needed);
  }

  #scope(): SnapshotScope {
    return scopeOf(
      this.#pending.map(({ intent }) => intent),
      this.#engine.clock.now(),
    );
  }

  /** Whether the server has been locked for longer than any push takes. */
  serverLockIsStale(): boolean {
    return this.#lockedSince !== undefined && this.#engine.clock.now() - this.#lockedSince >= SERVER_LOCK_PATIENCE_MS;
  }

  #noteFailure(outcome: Exclude<PushOutcome, { kind: 'landed' }>, attempt: number, tip: string): void {
    this.#lockedSince = outcome.kind === 'locked' ? (this.#lockedSince ?? this.#engine.clock.now()) : undefined;
    if (outcome.kind === 'rejected') {
      this.#rejectedPushes++;
      this.#engine.onEvent({ kind: 'rejected', attempt, words: outcome.words });
    } else if (outcome.kind !== 'refused') {
      // Not only for `unknown`: a connection that was reset may have been reset after the push landed.
      this.#pending = this.#pending.map(({ intent, base }) => ({ intent, base: base ?? tip }));
    }
  }

  #settle(answers: readonly Settled[]): void {
    this.#settled.push(...answers);
    const requests = new Set(answers.map(({ intent }) => intent.request));
    this.#pending = this.#pending.filter(({ intent }) => !requests.has(intent.request));
  }

  #settlement(attempts: number): Settlement {
    return { settled: this.#settled, attempts, rejectedPushes: this.#rejectedPushes };
  }

  #numbered(intent: Intent, attempt: number): Intent {
    if (intent.kind !== 'claim') return intent;
    const waitedMs = intent.waitedMs + this.#engine.clock.now() - this.#startedAt;
    return { ...intent, attempt: intent.attempt + attempt - 1, waitedMs };
  }
}

function toSettled(decision: Decision, commits: readonly string[], base: string): Settled {
  const { intent } = decision;
  switch (decision.kind) {
    case 'change':
      return { kind: 'done', intent, outcome: decision.outcome, commit: commits[decision.commit], base };
    case 'unchanged':
      return { kind: 'done', intent, outcome: decision.outcome, commit: undefined, base };
    case 'refused':
      return { kind: 'refused', intent, refusal: decision.refusal };
  }
}
