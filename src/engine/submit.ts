import type { Clock, Randomness } from '../domain/clock.ts';
import { formatDuration } from '../domain/duration.ts';
import { Failure } from '../domain/failure.ts';
import type { ClaimedOutcome, Intent } from '../domain/intent.ts';
import { formatKey } from '../domain/task.ts';
import type { Combiner } from './combining/combiner.ts';
import type { CriticalSection } from './critical-section.ts';
import type { Settled } from './engine.ts';
import type { Submitted } from './queue.ts';
import { failureOf } from './refusal.ts';

/** What submitting works with. */
export interface Submitter {
  readonly combiner: Combiner;
  /** Carries one intent out without others and whatever interrupts: for cleaning up behind an interrupt. */
  readonly carryOutAlone: (intent: Intent) => Promise<Settled | undefined>;
  readonly clock: Clock;
  readonly random: Randomness;
  /** The process is interrupted. */
  readonly signal: AbortSignal;
  readonly critical: CriticalSection;
  /** Why the remote has not answered so far, in its own words; undefined where it has. */
  readonly silence?: () => string | undefined;
}

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
  submitter: Submitter,
  intent: Intent,
  timeoutMs: number | undefined,
): Promise<SubmittedOn> {
  const startedAt = submitter.clock.now();
  const deadline = new AbortController();
  const done = new AbortController();
  if (timeoutMs !== undefined) {
    submitter.clock.sleep(timeoutMs, done.signal).then(
      () => deadline.abort(tooLate(timeoutMs, submitter.silence?.())),
      () => undefined,
    );
  }
  try {
    const signal = AbortSignal.any([submitter.signal, deadline.signal]);
    const { settled, ...effort } = await submitter.combiner.submit({ intent, base: undefined }, signal);
    if (settled.kind === 'refused') throw failureOf(settled.refusal);
    const { outcome, commit, base } = settled;
    if (submitter.signal.aborted && outcome.kind === 'claimed' && commit !== undefined) {
      throw await submitter.critical.run(() => giveBack(submitter, outcome));
    }
    const elapsedMs = submitter.clock.now() - startedAt;
    return { submitted: { outcome, commit, ...effort, elapsedMs }, base };
  } finally {
    done.abort();
  }
}

/** A remote that never answered is unreachable, whichever limit ends the tries; else it was too slow, or too popular. */
function tooLate(timeoutMs: number, silence: string | undefined): Failure {
  const limit = `gave up after ${formatDuration(timeoutMs)} (--timeout)`;
  if (silence !== undefined) {
    return new Failure('remote-unreachable', `${silence}; ${limit}`, {
      hint: 'check the network and the remote, then try again',
    });
  }
  return new Failure('timed-out', limit, {
    hint: 'nothing was changed; allow more time, or look with -v at what it waits for',
  });
}

/** Releases what an interrupted caller claimed. @returns the failure that says so, for the caller to throw. */
export async function giveBack(submitter: Submitter, { key, claim }: ClaimedOutcome): Promise<unknown> {
  const name = formatKey(key);
  const release: Intent = {
    kind: 'release',
    request: submitter.random.id(),
    agent: claim.claimedBy,
    task: key,
    claimId: claim.claimId,
    reason: 'interrupted while claiming',
  };
  const problem = await submitter.carryOutAlone(release).then(
    (settled) => (settled?.kind === 'refused' ? settled.refusal.message : undefined),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (problem === undefined) return submitter.signal.reason;
  return new Failure(
    'interrupted',
    `interrupted after ${name} was claimed, and it could not be given back: ${problem}`,
    {
      hint: `give it back with \`agentq release ${name} ${claim.claimedBy}\``,
      cause: submitter.signal.reason,
    },
  );
}
