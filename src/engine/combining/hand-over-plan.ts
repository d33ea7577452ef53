import type { Settled } from '../base/engine.ts';

/** What one pack for the followers of a group must hold. */
export interface HandOverPlan {
  /** The commits of the group. */
  readonly commits: readonly string[];
  /** The tip that they were built on. */
  readonly base: string;
  /** Where the checkouts are that the pack is for. */
  readonly from: string;
}

/**
 * One pack for the checkouts that are where most of them are. Clones that follow the branch are mostly at one commit,
 * and each other commit would take a pack of its own.
 * @param headOf where the checkout of a request's caller is; undefined if it could not follow by a pack
 * @returns undefined if no checkout could
 */
export function handOverPlan(
  settled: readonly Settled[],
  headOf: (request: string) => string | undefined,
): HandOverPlan | undefined {
  const counts = new Map<string, number>();
  const commits: string[] = [];
  let base: string | undefined;
  for (const one of settled) {
    if (one.kind !== 'done' || one.commit === undefined) continue;
    commits.push(one.commit);
    base ??= one.base;
    const head = headOf(one.intent.request);
    if (head !== undefined) counts.set(head, (counts.get(head) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most === undefined || base === undefined ? undefined : { commits, base, from: most[0] };
}
