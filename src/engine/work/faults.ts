import { Failure, type FailureCode } from '../../domain/base/failure.ts';

/** Whether somebody else has the task, or nobody: the claim is gone for good. */
export function isClaimGone(error: unknown): error is Failure {
  return error instanceof Failure && GONE.has(error.code);
}

const GONE: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'not-owner',
  'claim-lost',
  'unknown-task',
  'unknown-project',
]);

/**
 * Whether the same may well succeed a while later: a pool outlives its network, and a disk that was full for a moment.
 * @param hasServed whether the remote has done what was asked of it before: one that refuses since may be in the middle of
 *   being repaired or moved, and what is still to be said is worth the wait
 */
export function mayPass(error: unknown, hasServed: boolean): error is Failure {
  if (!(error instanceof Failure)) return false;
  if (error.details.passing === true || PASSING.has(error.code)) return true;
  return hasServed && (error.code === 'remote-refused' || error.code === 'remote-damaged');
}

const PASSING: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'remote-unreachable',
  'remote-locked',
  'retries-exhausted',
  'timed-out',
]);

/** What was decided on the task itself: it is decided the same the next time. */
const DECIDED: ReadonlySet<FailureCode> = new Set<FailureCode>([
  ...GONE,
  'task-unreadable',
  'task-in-two-states',
  'task-invalid',
  'ambiguous-task',
  'usage',
]);

/** Tries of what has failed for a reason that nobody knows. */
const MOST_UNKNOWN = 5;

/**
 * Whether what became of a task is worth saying again, after so many failures. Work that is done is not lost to a machine or
 * a remote that is in trouble for a while, whatever the trouble.
 */
export function isWorthSayingAgain(error: unknown, failures: number): boolean {
  if (!(error instanceof Failure)) return failures < MOST_UNKNOWN;
  if (DECIDED.has(error.code)) return false;
  return error.code === 'machine-unusable' || mayPass(error, true) || failures < MOST_UNKNOWN;
}

/** What of this machine is used up; undefined where it is something else that has failed. A full disk is no such limit. */
export function limitOf(error: unknown): 'files' | 'processes' | 'memory' | undefined {
  if (!(error instanceof Failure) || error.code !== 'machine-unusable') return undefined;
  const { lacks } = error.details;
  return lacks === 'files' || lacks === 'processes' || lacks === 'memory' ? lacks : undefined;
}

/** The error in one line. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How long (ms) to wait before what failed in passing is tried again. */
export function pauseAfter(failures: number): number {
  return Math.min(30_000, 2_000 * 1.5 ** Math.min(failures, 20));
}
