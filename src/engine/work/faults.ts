import { Failure, type FailureCode } from '../../domain/failure.ts';

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
 * Whether the same may well succeed a while later: a pool outlives its network.
 * @param hasServed whether the remote has done what was asked of it before: one that refuses since may be in the middle of
 *   being mended or moved, and what is still to be said is worth the wait
 */
export function mayPass(error: unknown, hasServed: boolean): error is Failure {
  return error instanceof Failure && (PASSING.has(error.code) || (hasServed && error.code === 'remote-refused'));
}

const PASSING: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'remote-unreachable',
  'remote-locked',
  'retries-exhausted',
  'timed-out',
]);

/** The error in one line. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How long (ms) to wait before what failed in passing is tried again. */
export function pauseAfter(failures: number): number {
  return Math.min(30_000, 2_000 * 1.5 ** Math.min(failures, 20));
}
