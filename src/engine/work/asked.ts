import { Failure } from '../../domain/failure.ts';
import type { ClaimIntent } from '../../domain/intent.ts';
import { unansweredIn } from '../unanswered.ts';

/** A claim without an answer, which may have landed. */
export interface Asked {
  readonly intent: ClaimIntent;
  /** From where on its commit is to be looked for. */
  readonly base: string;
}

/** What is known of a claim that failed: once it may have landed, only an answer changes that. undefined: it has not. */
export function askedIn(intent: ClaimIntent, failure: Failure, before: Asked | undefined): Asked | undefined {
  const base = unansweredIn(failure, intent.request)?.base ?? before?.base;
  return base === undefined ? undefined : { intent, base };
}

/** The failure that ends a worker, with the request that may have landed: `claim` takes that, where a worker does not. */
export function endOf(failure: Failure, asked: Asked | undefined): Failure {
  if (asked === undefined) return failure;
  const { code, message, details, cause } = failure;
  const { agent, request } = asked.intent;
  const hint = `\`agentq claim ${agent} --request ${request}\` tells what became of it, and claims nothing twice`;
  return new Failure(code, message, {
    hint,
    details: { ...details, mayHaveLanded: true, request, base: asked.base },
    cause,
  });
}

/** What is said of a claim that has no answer when the worker ends. */
export function wordsOfUnanswered({ agent, request }: ClaimIntent): string {
  return `a claim of ${agent} had no answer, it may have landed (request ${request}): \`agentq list --claimed\` shows it, \`agentq release-stalled\` gives it back`;
}
