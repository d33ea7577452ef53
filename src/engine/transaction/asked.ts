import { Failure } from '../../domain/base/failure.ts';
import type { ClaimIntent } from '../../domain/queue/intent.ts';
import { unansweredIn } from '../base/unanswered.ts';
import { MEANT_FOR_MS } from './requests.ts';

/** A claim that may have landed, or may yet: a push of it may be late, or a request that asks others to carry it out. */
export interface Asked {
  readonly intent: ClaimIntent;
  /** From where on its commit is to be looked for. */
  readonly base: string;
  /** Until when (ms since the epoch) it may still be carried out by what has been sent. */
  readonly until: number;
  /** Whether it was refused although something that was sent may still carry it out. */
  readonly request: 'late' | 'none known';
}

/**
 * What is known of a claim that failed, or was refused. A refusal is the end of it only when nobody would carry out a late
 * request any more: until then the agent asks with the same one, and finds what came of it.
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
  // Refused again nothing new has been sent, so what is late comes no later.
  if (before !== undefined && kind === 'nothing') return now > before.until ? undefined : { ...before, request };
  if (known === undefined) return before;
  return { intent, base: known.base, until: now + MEANT_FOR_MS, request };
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
