import { formatDuration } from '../domain/duration.ts';
import { Failure } from '../domain/failure.ts';
import type { ClaimedOutcome, Intent } from '../domain/intent.ts';
import { formatKey } from '../domain/task.ts';
import type { Engine } from './engine.ts';
import { fixedIntake } from './intake.ts';
import type { Submitted } from './queue.ts';
import { failureOf } from './refusal.ts';
import { transact } from './transaction.ts';

/** What a caller gets, and the tip it was decided on. */
export interface SubmittedOn {
  readonly submitted: Submitted;
  readonly base: string;
}

/**
 * Carries one intent out, within a deadline. A claim that landed although its caller was interrupted meanwhile is given
 * back: nobody is going to work on it (CONTRACT 6, "nothing half-done is left behind").
 *
 * @param timeoutMs for the whole; undefined: no limit
 * @throws Failure where it was refused, or could not be carried out
 */
export async function submitIntent(
  engine: Engine,
  intent: Intent,
  timeoutMs: number | undefined,
): Promise<SubmittedOn> {
  const startedAt = engine.clock.now();
  const deadline = new AbortController();
  const done = new AbortController();
  if (timeoutMs !== undefined) {
    const failure = new Failure('timed-out', `gave up after ${formatDuration(timeoutMs)} (--timeout)`, {
      hint: 'nothing was changed; allow more time, or look with -v at what it waits for',
    });
    engine.clock.sleep(timeoutMs, done.signal).then(
      () => deadline.abort(failure),
      () => undefined,
    );
  }
  try {
    const signal = AbortSignal.any([engine.signal, deadline.signal]);
    const result = await transact({ ...engine, signal }, fixedIntake([{ intent, base: undefined }]));
    const [settled] = result.settled;
    if (!settled) throw new Error('one intent, no answer');
    if (settled.kind === 'refused') throw failureOf(settled.refusal);
    const { outcome, commit, base } = settled;
    if (engine.signal.aborted && outcome.kind === 'claimed' && commit !== undefined) {
      throw await engine.critical.run(() => giveBack(engine, outcome));
    }
    const { attempts, rejectedPushes } = result;
    const elapsedMs = engine.clock.now() - startedAt;
    return { submitted: { outcome, commit, attempts, rejectedPushes, elapsedMs }, base };
  } finally {
    done.abort();
  }
}

/** Releases what an interrupted caller claimed. @returns the failure that says so, for the caller to throw. */
async function giveBack(engine: Engine, { key, claim }: ClaimedOutcome): Promise<unknown> {
  const name = formatKey(key);
  const release: Intent = {
    kind: 'release',
    request: engine.random.id(),
    agent: claim.claimedBy,
    task: key,
    claimId: claim.claimId,
    reason: 'interrupted while claiming',
  };
  const uninterrupted = { ...engine, signal: new AbortController().signal };
  const problem = await transact(uninterrupted, fixedIntake([{ intent: release, base: undefined }])).then(
    ({ settled: [settled] }) => (settled?.kind === 'refused' ? settled.refusal.message : undefined),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (problem === undefined) return engine.signal.reason;
  return new Failure(
    'interrupted',
    `interrupted after ${name} was claimed, and it could not be given back: ${problem}`,
    {
      hint: `give it back with \`agentq release ${name} ${claim.claimedBy}\``,
      cause: engine.signal.reason,
    },
  );
}
