import { Failure } from '../../domain/base/failure.ts';
import type { ClaimIntent } from '../../domain/intents/intent.ts';
import { unansweredIn } from '../base/unanswered.ts';
import { MEANT_FOR_MS } from './requests.ts';

/** A claim that may have landed or may still land: its push may be late, or a request asks others to carry it out. */
export interface Asked {
  readonly intent: ClaimIntent;
  /** The tip from which its commit must be looked for. */
  readonly base: string;
  /** Until when (ms since the epoch) what has been sent may still carry it out. */
  readonly until: number;
  /** `late`: it was refused, although something that was sent may still carry it out. */
  readonly request: 'late' | 'none known';
}

/**
 * What is known of a claim that failed or was refused. A refusal is final only when nobody would carry out a late
 * request any more. Until then the agent asks with the same request, and finds out what became of it.
 * @param now ms since the epoch
 * @returns undefined: it has not landed, and will not
 */
export function askedIn(
  intent: ClaimIntent,
  { kind, failure }: { readonly kind: 'nothing' | 'trouble'; readonly failure: Failure },
  before: Asked | undefined,
  now: number,
): Asked | undefined {
  const known = unansweredIn(failure, intent.request);
  const request = (kind === 'nothing' && known !== undefined) || before?.request === 'late' ? 'late' : 'none known';
  // After another refusal nothing new has been sent, so the time limit stays.
  if (before !== undefined && kind === 'nothing') return now > before.until ? undefined : { ...before, request };
  if (known === undefined) return before;
  return { intent, base: known.base, until: now + MEANT_FOR_MS, request };
}

/** The failure that ends a worker, with the request that may have landed: `claim` takes it, a worker does not. */
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

/** The message about a claim that has no answer when the worker ends. */
export function wordsOfUnanswered({ agent, request }: ClaimIntent): string {
  return `a claim of ${agent} had no answer, it may have landed (request ${request}): \`agentq list --claimed\` shows it, \`agentq release-stalled\` gives it back`;
}
