import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { formatDuration } from '../../domain/base/duration.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../domain/intents/outcome.ts';
import { formatKey } from '../../domain/queue/task.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import { type Deadline, startDeadline } from '../base/deadline.ts';
import type { Pending, Settled } from '../base/engine.ts';
import { failureOf } from '../base/refusal.ts';
import { unanswered } from '../base/unanswered.ts';
import type { Combiner } from '../combining/combiner.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Ended } from '../wire/ticket.ts';

/** What submitting works with. */
export interface Submitter {
  readonly combiner: Pick<Combiner, 'submit'>;
  /** Carries one intent out alone, even after an interrupt: to clean up after it. */
  readonly carryOutAlone: (intent: Intent) => Promise<Settled | undefined>;
  readonly clock: Clock;
  readonly random: Randomness;
  /** The process is interrupted, or nobody wants the answer any more: a claim is given back. */
  readonly signal: AbortSignal;
  readonly critical: CriticalSection;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  /** Why the remote has not answered so far, in its own words; undefined if it has. */
  readonly silence?: () => string | undefined;
}

/** Limits of one submit. */
export interface SubmitLimits {
  /** For the whole submit (ms); undefined: no limit. */
  readonly timeoutMs?: number | undefined;
  /** The limit (ms) as the user gave it, for the message: a part of it may have been spent before. */
  readonly askedMs?: number | undefined;
  /** Aborted when the caller stops waiting. What has landed by then is an answer. */
  readonly until?: AbortSignal | undefined;
}

/**
 * Carries one intent out, within a deadline. A claim that landed although its caller was interrupted meanwhile is given
 * back: nobody is going to work on it (CONTRACT 6, "nothing half-done is left behind").
 *
 * @param pending has a base if an earlier try may have carried the intent out: it is looked up first
 * @throws Failure if it was refused or could not be carried out; see {@link unanswered} if that is not certain
 */
export async function submitIntent(
  submitter: Submitter,
  pending: Pending,
  { timeoutMs, askedMs = timeoutMs, until }: SubmitLimits = {},
): Promise<Submitted> {
  const { clock, signal, combiner, critical } = submitter;
  const startedAt = clock.now();
  const deadline = startDeadline(clock, {
    interrupt: signal,
    givenUp: until,
    timeoutMs,
    tooLate: () => tooLate(askedMs ?? 0, submitter.silence?.()),
  });
  try {
    const end = await submitWithin(combiner, pending, deadline);
    if (end.kind === 'failed') throw unanswered(end.error, end.pending);
    const { settled, ...effort } = end.answer;
    if (settled.kind === 'refused') {
      throw unanswered(failureOf(settled.refusal), { intent: settled.intent, base: settled.base });
    }
    const { outcome, commit, base } = settled;
    if (signal.aborted && outcome.kind === 'claimed' && commit !== undefined) {
      submitter.at?.('giving-back');
      throw await critical.run(() => giveBack(submitter, outcome));
    }
    return { outcome, commit, base, ...effort, elapsedMs: clock.now() - startedAt };
  } finally {
    deadline.close();
  }
}

/** Answers at the end of the deadline at the latest, with what is known then. */
async function submitWithin(combiner: Submitter['combiner'], pending: Pending, deadline: Deadline): Promise<Ended> {
  let known = pending;
  const onTaken = (base: string): void => {
    known = { intent: pending.intent, base: known.base ?? base };
  };
  const late = Symbol('late');
  const over = new Promise<typeof late>((resolve) => {
    deadline.end.addEventListener('abort', () => resolve(late), { once: true });
  });
  const end = await Promise.race([combiner.submit(pending, deadline, onTaken), over]);
  return end === late ? { kind: 'failed', error: deadline.stop.reason, pending: known } : end;
}

/**
 * The failure when the time runs out. A remote that never answered is unreachable; else it was too slow or too busy.
 */
export function tooLate(timeoutMs: number, silence: string | undefined): Failure {
  const limit = `gave up, to end within --timeout ${formatDuration(timeoutMs)}`;
  if (silence !== undefined) {
    return new Failure('remote-unreachable', `${silence}; ${limit}`, {
      hint: 'check the network and the remote, then try again',
    });
  }
  return new Failure('timed-out', limit, {
    hint: 'nothing was changed; allow more time, or look with -v at what it waits for',
  });
}

/** Releases the claim of an interrupted caller. @returns the error for the caller to throw */
export async function giveBack(
  submitter: Omit<Submitter, 'combiner'>,
  { key, claim }: ClaimedOutcome,
): Promise<unknown> {
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
