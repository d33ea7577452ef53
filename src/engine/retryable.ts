import { Failure } from '../domain/failure.ts';
import { isLostRace, type PushOutcome } from '../git/push-outcome.ts';

/** A failure that another attempt may mend. Its code is what it stays when no attempt is left. */
export class RetryableFailure extends Failure {
  /** What made the attempt fail, in the remote's own words. */
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

/** Faults of the network while reading are worth another attempt, like those of a push. */
export async function retryable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.code === 'remote-unreachable' && !(error instanceof RetryableFailure)) {
      throw new RetryableFailure('remote-unreachable', error.message, error.message, error.hint ?? 'try again later');
    }
    throw error;
  }
}

type NotLanded = Exclude<PushOutcome, { kind: 'landed' }>;

/** The failure that a push which did not land leaves, after so many attempts; one that is worth another. */
export function pushFailure(outcome: Exclude<NotLanded, { kind: 'refused' }>, attempts: number): RetryableFailure;
/** As above; of a refused push, one that is not. */
export function pushFailure(outcome: NotLanded, attempts: number): Failure;
/** One for all kinds. */
export function pushFailure(outcome: NotLanded, attempts: number): Failure {
  if (isLostRace(outcome)) {
    return new RetryableFailure(
      'retries-exhausted',
      `somebody else was first each time: gave up after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
      outcome.words,
      'try again, or allow more with --max-retries',
    );
  }
  switch (outcome.kind) {
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
        'it may have landed: `agentq list --claimed` tells',
      );
    case 'refused':
      return new Failure('remote-refused', `the remote refused the push: ${outcome.words}`, {
        hint: 'this will not go away by itself: ask for permission, or use another --branch',
        details: { reason: outcome.reason },
      });
  }
}
