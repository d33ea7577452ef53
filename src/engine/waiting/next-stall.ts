import type { NothingClaimable } from '../../domain/base/claimable.ts';
import { Failure } from '../../domain/base/failure.ts';

/**
 * Shortest pause (ms) before whoever waits asks again because a claim stalls. The time is a guess: the claim may have
 * been renewed by a ref, which moves no branch, and each question takes a look.
 */
const LEAST_MS = 5_000;

/**
 * How long (ms) to wait before asking again, although the branch may not move: nobody pushes when a claim stalls, or when
 * a task is offered again to the agent that failed at it.
 * @returns undefined if no claim can stall, or if nobody knows when
 */
export function untilNextStall(refusal: unknown): number | undefined {
  if (!(refusal instanceof Failure) || refusal.code !== 'nothing-claimable') return undefined;
  const { nextStallMs, failedBefore } = (refusal.details.why ?? {}) as Partial<NothingClaimable>;
  const nextMs = Math.min(nextStallMs ?? Number.POSITIVE_INFINITY, failedBefore?.nextMs ?? Number.POSITIVE_INFINITY);
  return nextMs === Number.POSITIVE_INFINITY ? undefined : Math.max(LEAST_MS, nextMs);
}
