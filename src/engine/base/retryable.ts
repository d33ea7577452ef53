import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { isLostRace, type PushOutcome, REFUSAL_HINTS } from '../../git/answers/push-outcome.ts';

/** A failure that another attempt may fix. It keeps its code when no attempt is left. */
export class RetryableFailure extends Failure {
  /** Why the attempt failed, in the remote's own words. */
  readonly words: string;
  /** Whether the remote ended a push before it had said anything. */
  readonly isWordless: boolean;

  constructor(
    code: 'retries-exhausted' | 'remote-unreachable' | 'remote-locked' | 'repository-damaged',
    message: string,
    words: string,
    hint: string,
    isWordless = false,
  ) {
    super(code, message, { hint });
    this.words = words;
    this.isWordless = isWordless;
  }
}

/** The failure, but not retryable. */
export function asFinal({ code, message, hint }: Failure): Failure {
  return new Failure(code, message, given({ hint }));
}

/** The failure where the remote has answered each look, and has ended each of many pushes without a word. */
export function wordlessRefusal(pushes: number): Failure {
  return new Failure(
    'remote-refused',
    `the remote answers looks, and ended each of ${pushes} pushes without a word: it does not seem to take any`,
    { hint: 'check that it takes pushes (JGit: `--enable receive-pack`), or try again if it had trouble just now' },
  );
}

/** Makes network faults of a read retryable, like those of a push. */
export async function retryable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Failure ? asRetryable(error) : error;
  }
}

/** Makes the failure retryable if another attempt may help: a network fault, or objects that are fetched again. */
function asRetryable(failure: Failure): Failure {
  const { code, message, hint = 'try again later' } = failure;
  if (failure instanceof RetryableFailure) return failure;
  if (code === 'remote-unreachable') return new RetryableFailure(code, message, message, hint);
  const isPruned = code === 'repository-damaged' && failure.details.passing === true;
  return isPruned ? new RetryableFailure(code, message, message, hint) : failure;
}

/** Whether this answer says for certain that the push did not land. */
export function isCertain({ kind }: PushOutcome): boolean {
  return kind === 'rejected' || kind === 'refused' || kind === 'local';
}

type NotLanded = Exclude<PushOutcome, { kind: 'landed' }>;

/** The failure of a push that did not land, after `attempts` attempts. Another attempt is worth it. */
export function pushFailure(
  outcome: Exclude<NotLanded, { kind: 'refused' | 'local' }>,
  attempts: number,
): RetryableFailure;
/** As above. For a refused push, another attempt is not worth it. */
export function pushFailure(outcome: NotLanded, attempts: number): Failure;
/** The implementation for all kinds. */
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
        'if no push is running there, a killed one left the lock: remove the file on the server',
      );
    case 'transient':
      return new RetryableFailure(
        'remote-unreachable',
        `the remote could not be reached: ${outcome.words}`,
        outcome.words,
        'check the network and the remote, then try again',
        outcome.reason === 'wordless',
      );
    case 'unknown':
      return new RetryableFailure(
        'remote-unreachable',
        `the remote's answer to the push was lost: ${outcome.words}`,
        outcome.words,
        'check the network and the remote, then try again',
      );
    case 'local':
      return asRetryable(outcome.failure);
    case 'refused': {
      const { reason, words } = outcome;
      const isDamaged = reason === 'damaged';
      const message = isDamaged
        ? `the remote's repository is damaged: ${words}`
        : `the remote refused the push: ${words}`;
      const options = { hint: REFUSAL_HINTS[reason], details: { reason } };
      return new Failure(isDamaged ? 'remote-damaged' : 'remote-refused', message, options);
    }
  }
}
