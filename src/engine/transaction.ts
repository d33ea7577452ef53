import pRetry from 'p-retry';
import type { Clock, Randomness } from '../domain/clock.ts';
import { type Decision, decide, type Plan } from '../domain/decide.ts';
import type { QueueEvent } from '../domain/event.ts';
import { Failure } from '../domain/failure.ts';
import type { Intent } from '../domain/intent.ts';
import type { QueueSnapshot } from '../domain/snapshot.ts';
import type { PushOutcome } from '../git/push-outcome.ts';
import type { QueueStore, SnapshotScope } from '../store/queue-store.ts';
import { type BackoffPolicy, backoffDelay } from './backoff.ts';
import type { CriticalSection } from './critical-section.ts';
import { scopeOf } from './scope.ts';

/** What a transaction works with. */
export interface Engine {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Aborted by an interrupt or a deadline: nothing new is begun, what is being pushed is seen through. */
  readonly signal: AbortSignal;
  readonly critical: CriticalSection;
  readonly backoff: BackoffPolicy;
  /** Rejected pushes that are tried again. */
  readonly maxRetries: number;
  onEvent(event: QueueEvent): void;
}

/** What became of one intent. */
export interface Settled {
  readonly decision: Decision;
  /** The commit that carries it out; undefined where nothing had to change, and for a refusal. */
  readonly commit: string | undefined;
  /** The tip it was decided on. */
  readonly base: string;
}

export interface TransactionResult {
  readonly settled: readonly Settled[];
  /** Tries that got as far as deciding, this one included. */
  readonly attempts: number;
  readonly rejectedPushes: number;
}

/** Pushes that may have landed: their plan, and the tip they were built on. */
interface Unresolved {
  readonly base: string;
  readonly plan: Plan;
  readonly commits: readonly string[];
}

/** Longest time (ms) that a lock on the server is taken for another push at work, and not for one that was killed. */
const SERVER_LOCK_PATIENCE_MS = 10_000;

/**
 * Carries the intents out: look, read, decide, build, push; and again from the start where somebody else was first.
 * One push for all of them. After a push whose answer was lost, the remote is asked for the intents' requests before
 * anything else is tried (CONTRACT 7.3).
 *
 * @throws Failure `retries-exhausted`, `remote-unreachable`, `remote-refused`, `remote-locked`, `branch-missing`, or
 *   what the signal was aborted with. A refused intent is not thrown: it is a decision.
 */
export async function transact(engine: Engine, intents: readonly Intent[]): Promise<TransactionResult> {
  const startedAt = engine.clock.now();
  const unresolved: Unresolved[] = [];
  const counts = { attempts: 0, rejected: 0 };
  let lockedSince: number | undefined;

  const attempt = async (number: number): Promise<TransactionResult> => {
    engine.signal.throwIfAborted();
    counts.attempts = number;
    const tip = await lookAtTip(engine);
    const landed = await resolve(engine, tip, unresolved);
    if (landed) return { settled: landed, attempts: number, rejectedPushes: counts.rejected };

    const { snapshot, plan } = await decideOn(
      engine,
      tip,
      intents.map((intent) => numbered(intent, number, engine.clock.now() - startedAt)),
    );
    if (plan.commits.length === 0) {
      return { settled: settle(tip, plan, []), attempts: number, rejectedPushes: counts.rejected };
    }
    const commits = await engine.store.build(snapshot, plan.commits, engine.clock.now());
    engine.signal.throwIfAborted();
    return engine.critical.run(async () => {
      const pushedAt = engine.clock.now();
      const update = { ref: engine.store.branchRef, expected: tip, to: commits.at(-1) };
      const outcome = await engine.store.push([update]);
      const elapsedMs = engine.clock.now() - pushedAt;
      if (outcome.kind === 'landed') {
        engine.onEvent({ kind: 'pushed', commit: commits.at(-1) ?? tip, commits: commits.length, elapsedMs });
        return { settled: settle(tip, plan, commits), attempts: number, rejectedPushes: counts.rejected };
      }
      if (outcome.kind === 'rejected') counts.rejected++;
      // Not only for `unknown`: a connection that was reset may have been reset after the push landed.
      else if (outcome.kind !== 'refused') unresolved.push({ base: tip, plan, commits });
      lockedSince = outcome.kind === 'locked' ? (lockedSince ?? engine.clock.now()) : undefined;
      const error = pushFailure(outcome, number);
      // An interrupt or a deadline ends the tries here; what may have landed is looked up first, while git may still run.
      if (engine.signal.aborted && unresolved.length > 0) {
        const late = await resolve(engine, await lookAtTip(engine), unresolved);
        if (late) return { settled: late, attempts: number, rejectedPushes: counts.rejected };
      }
      throw error;
    });
  };

  return pRetry(attempt, {
    retries: engine.maxRetries,
    // The wait is ours: p-retry's own jitter is 1 to 2 times the delay, and its timers can't be simulated.
    minTimeout: 0,
    shouldRetry: ({ error }) => error instanceof RetryableFailure,
    onFailedAttempt: async ({ error, attemptNumber, retriesLeft }) => {
      engine.signal.throwIfAborted();
      if (!(error instanceof RetryableFailure)) return;
      if (error.code === 'retries-exhausted')
        engine.onEvent({ kind: 'rejected', attempt: attemptNumber, words: error.words });
      if (lockedSince !== undefined && engine.clock.now() - lockedSince >= SERVER_LOCK_PATIENCE_MS) throw error;
      if (retriesLeft <= 0) return;
      const delayMs = backoffDelay(engine.backoff, attemptNumber - 1, engine.random);
      engine.onEvent({ kind: 'retrying', attempt: attemptNumber + 1, delayMs, reason: error.words });
      await engine.clock.sleep(delayMs, engine.signal);
    },
  });
}

/** Fetches the tip and decides, without building or pushing anything (`--dry-run`). */
export async function rehearse(engine: Engine, intents: readonly Intent[]): Promise<Plan> {
  const { plan } = await decideOn(engine, await lookAtTip(engine), intents);
  return plan;
}

/** Fetches the tip and reads the queue in it. A fault of the network is not retried: nothing is at stake. */
export async function readTip(engine: Engine, scope: SnapshotScope): Promise<QueueSnapshot> {
  const snapshot = await engine.store.snapshot(await lookAtTip(engine), scope);
  reportUnreadable(engine, snapshot);
  return snapshot;
}

/** A failure that another attempt may mend. Its code is what it becomes when no attempt is left. */
class RetryableFailure extends Failure {
  /** The remote's own words. */
  readonly words: string;

  constructor(
    code: 'retries-exhausted' | 'remote-unreachable' | 'remote-locked',
    message: string,
    words: string,
    hint: string,
  ) {
    super(code, message, { hint });
    this.words = words;
  }
}

async function lookAtTip(engine: Engine): Promise<string> {
  const lookedAt = engine.clock.now();
  const { tip } = await retryable(() => engine.store.look());
  engine.onEvent({ kind: 'looked', tip, elapsedMs: engine.clock.now() - lookedAt });
  if (tip !== undefined) return tip;
  const branch = engine.store.branchRef.replace('refs/heads/', '');
  throw new Failure('branch-missing', `there is no branch ${branch} on ${engine.store.name}`, {
    hint: `name another with --branch, or make the queue with \`agentq init --branch ${branch}\``,
  });
}

async function decideOn(
  engine: Engine,
  tip: string,
  intents: readonly Intent[],
): Promise<{ readonly snapshot: QueueSnapshot; readonly plan: Plan }> {
  const readAt = engine.clock.now();
  const snapshot = await retryable(() => engine.store.snapshot(tip, scopeOf(intents)));
  engine.onEvent({ kind: 'fetched', tip, elapsedMs: engine.clock.now() - readAt });
  reportUnreadable(engine, snapshot);
  return { snapshot, plan: decide(snapshot, intents, engine.clock.now()) };
}

/** One unreadable file never stops the others, and is never passed over in silence. */
function reportUnreadable(engine: Engine, snapshot: QueueSnapshot): void {
  for (const project of snapshot.projects.values()) {
    for (const { path, reading } of project.entries) {
      if (reading.kind !== 'unreadable') continue;
      engine.onEvent({ kind: 'unreadable-task', file: path, line: reading.line, message: reading.message });
    }
  }
}

/** Whether one of the earlier pushes landed after all: then that is the answer. */
async function resolve(
  engine: Engine,
  tip: string,
  unresolved: readonly Unresolved[],
): Promise<readonly Settled[] | undefined> {
  for (const { base, plan, commits } of unresolved) {
    const request = plan.decisions.find((decision) => decision.kind === 'change')?.intent.request;
    if (request === undefined) continue;
    // The branch has not moved: nothing landed.
    const landed = tip !== base && (await isServed(engine, tip, base, request));
    engine.onEvent({ kind: 'resolved', request, verdict: landed ? 'landed' : 'not-landed' });
    if (landed) return settle(base, plan, commits);
  }
  return undefined;
}

async function isServed(engine: Engine, tip: string, base: string, request: string): Promise<boolean> {
  const lookup = await retryable(() => engine.store.served(tip, [base], [request]));
  if (lookup.kind === 'verdict') return lookup.served.has(request);
  throw new Failure('remote-unreachable', `whether the push landed cannot be told: ${lookup.reason}`, {
    hint: `look for the trailer "Agentq-Request: ${request}" in the history of the branch before you claim again`,
  });
}

/** Faults of the network while reading are worth another attempt, like those of a push. */
async function retryable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.code === 'remote-unreachable' && !(error instanceof RetryableFailure)) {
      throw new RetryableFailure('remote-unreachable', error.message, error.message, error.hint ?? 'try again later');
    }
    throw error;
  }
}

function pushFailure(outcome: Exclude<PushOutcome, { kind: 'landed' }>, attempt: number): Failure {
  const tries = `${attempt} ${attempt === 1 ? 'attempt' : 'attempts'}`;
  switch (outcome.kind) {
    case 'rejected':
      return new RetryableFailure(
        'retries-exhausted',
        `somebody else was first each time: gave up after ${tries}`,
        outcome.words,
        'try again, or allow more with --max-retries',
      );
    case 'locked':
      return new RetryableFailure(
        'remote-locked',
        `a lock file on the remote keeps it from being changed: ${outcome.words}`,
        outcome.words,
        'if no push is at work there, a killed one left the lock: remove the file on the server',
      );
    case 'transient':
      return new RetryableFailure(
        'remote-unreachable',
        `the remote could not be reached: ${outcome.words}`,
        outcome.words,
        'check the network and the remote, then try again',
      );
    case 'unknown':
      return new RetryableFailure(
        'remote-unreachable',
        `the remote's answer to the push was lost: ${outcome.words}`,
        outcome.words,
        'it was looked up on the remote and had not landed; try again',
      );
    case 'refused':
      return new Failure('remote-refused', `the remote refused the push: ${outcome.words}`, {
        hint: 'this will not go away by itself: ask for permission, or use another --branch',
        details: { reason: outcome.reason },
      });
  }
}

function settle(base: string, plan: Plan, commits: readonly string[]): readonly Settled[] {
  return plan.decisions.map((decision) => ({
    decision,
    commit: decision.kind === 'change' ? commits[decision.commit] : undefined,
    base,
  }));
}

function numbered(intent: Intent, attempt: number, waitedMs: number): Intent {
  return intent.kind === 'claim' ? { ...intent, attempt, waitedMs } : intent;
}
