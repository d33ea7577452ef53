import { Failure } from '../domain/failure.ts';
import type { ClaimIntent } from '../domain/intent.ts';
import { DROP_AFTER_MS, REQUEST_TTL_MS } from './helping/requests.ts';
import { unansweredIn } from './unanswered.ts';

/** A claim that may have landed, or may yet: a request of it that is late asks others to carry it out. */
export interface Asked {
  readonly intent: ClaimIntent;
  /** From where on its commit is to be looked for. */
  readonly base: string;
  /** Until when (ms since the epoch) a request of it would be carried out, however late it arrives. */
  readonly until: number;
  /** Whether such a request is known of: made, never seen since, and not found to be deleted. */
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
  if (known === undefined)
    return before === undefined || (kind === 'nothing' && now > before.until) ? undefined : before;
  const isLate = kind === 'nothing' || before?.request === 'late';
  const until = now + REQUEST_TTL_MS + DROP_AFTER_MS;
  return { intent, base: known.base, until, request: isLate ? 'late' : 'none known' };
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
