import { Failure } from '../../domain/base/failure.ts';
import type { Pending } from './engine.ts';

/** What a failure tells the caller about an intent that has no answer. */
export interface Unanswered {
  readonly request: string;
  /** The tip from which its commit must be looked for. */
  readonly base: string;
}

/**
 * The error as the caller of the intent sees it. If the intent may have been carried out, or may still be, the failure
 * says so and names the request that can be looked up. Without it, a caller that tries again does the same thing twice.
 */
export function unanswered<Thrown>(error: Thrown, { intent, base }: Pending): Thrown | Failure {
  if (base === undefined || !(error instanceof Failure)) return error;
  const { request } = intent;
  return new Failure(error.code, `${error.message}; it may have landed all the same, as request ${request}`, {
    hint: `run the same again with --request ${request}: that tells what became of it, and does nothing twice`,
    details: { ...error.details, mayHaveLanded: true, request, base },
    cause: error.cause ?? error,
  });
}

/** What a failure knows about this intent; undefined: it certainly was not carried out, and will not be. */
export function unansweredIn(error: unknown, request: string): Unanswered | undefined {
  if (!(error instanceof Failure) || error.details.mayHaveLanded !== true) return undefined;
  const { base } = error.details;
  return error.details.request === request && typeof base === 'string' ? { request, base } : undefined;
}
