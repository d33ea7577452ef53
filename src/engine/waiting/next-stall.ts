import type { NothingClaimable } from '../../domain/base/claimable.ts';
import { Failure } from '../../domain/base/failure.ts';

/**
 * Shortest pause (ms) before whoever waits asks again because a claim stalls. The time is a guess: the claim may have
 * been renewed by a ref, which moves no branch, and each question takes a look.
 */
const LEAST_MS = 5_000;

/**
 * How long (ms) to wait before asking again, although the branch may not move: nobody pushes when a claim stalls.
 * @returns undefined if no claim can stall, or if nobody knows when
 */
export function untilNextStall(refusal: unknown): number | undefined {
  if (!(refusal instanceof Failure) || refusal.code !== 'nothing-claimable') return undefined;
  const { nextStallMs } = (refusal.details.why ?? {}) as Partial<NothingClaimable>;
  return nextStallMs === undefined ? undefined : Math.max(LEAST_MS, nextStallMs);
}
