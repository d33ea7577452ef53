import { Failure, type FailureCode } from '../../domain/base/failure.ts';

/** Whether the claim is gone for good: another agent has the task, or nobody. */
export function isClaimGone(error: unknown): error is Failure {
  return error instanceof Failure && GONE.has(error.code);
}

/** How far (ms) clocks may be apart. */
const SKEW_MS = 120_000;

/**
 * What the owner of the claim asked since it was made, if an intent of the owner was refused because the claim is gone:
 * whoever asks gives the task back by that. undefined: nothing.
 */
export function questionIn(error: unknown, { claimedAt }: { readonly claimedAt: number }): string | undefined {
  if (!isClaimGone(error)) return undefined;
  const { asked } = error.details as { readonly asked?: { readonly at: string; readonly text: string } };
  return asked !== undefined && Date.parse(asked.at) >= claimedAt - SKEW_MS ? asked.text : undefined;
}

const GONE: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'not-owner',
  'claim-lost',
  'unknown-task',
  'unknown-project',
]);

/**
 * Whether the same may succeed a while later: a pool outlives network trouble, and a disk that was full for a moment.
 * @param hasServed whether the remote has worked before: if it refuses now, it may be under repair or being moved, and
 * what must still be reported is worth the wait
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

/** Decisions about the task itself: the next try would be decided the same way. */
const DECIDED: ReadonlySet<FailureCode> = new Set<FailureCode>([
  ...GONE,
  'task-unreadable',
  'task-in-two-states',
  'task-invalid',
  'ambiguous-task',
  'usage',
]);

/** Most tries after failures for an unknown reason. */
const MOST_UNKNOWN = 5;

/**
 * Whether to report the result of a task again after `failures` failures. Finished work must not be lost because a
 * machine or a remote is in trouble for a while, whatever the trouble.
 */
export function isWorthSayingAgain(error: unknown, failures: number): boolean {
  if (!(error instanceof Failure)) return failures < MOST_UNKNOWN;
  if (DECIDED.has(error.code)) return false;
  return error.code === 'machine-unusable' || mayPass(error, true) || failures < MOST_UNKNOWN;
}

/**
 * Whether the cause is this machine, its clone, its settings or the remote: then another machine, or a later try, may
 * work on the task that could not be worked on here.
 */
export function isElsewhere(error: unknown): error is Failure {
  return error instanceof Failure && (ELSEWHERE.has(error.code) || mayPass(error, true));
}

const ELSEWHERE: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'machine-unusable',
  'git-unusable',
  'repository-damaged',
  'not-a-repository',
  'config-invalid',
  'branch-missing',
  'remote-missing',
]);

/** Which limit of this machine is reached; undefined if something else has failed. A full disk is not such a limit. */
export function limitOf(error: unknown): 'files' | 'processes' | 'memory' | undefined {
  if (!(error instanceof Failure) || error.code !== 'machine-unusable') return undefined;
  const { lacks } = error.details;
  return lacks === 'files' || lacks === 'processes' || lacks === 'memory' ? lacks : undefined;
}

/** The message of the error. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How long (ms) to wait before another try after a passing failure. */
export function pauseAfter(failures: number): number {
  return Math.min(30_000, 2_000 * 1.5 ** Math.min(failures, 20));
}
