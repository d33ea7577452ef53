import type { History } from './history.ts';
import {
  idleDoubt,
  intruding,
  namelessDoubt,
  paidForOthers,
  untrueNo,
  untrueNothing,
  untrueYes,
  wronglyLost,
} from './rules/answers.ts';
import { claimedThoughClosed, repeated, shared, takenAlive, unconserved } from './rules/branch.ts';
import { leftByPools, leftRefs, stuck } from './rules/end.ts';
import { asleep, crowded, late, lingering, unbounded } from './rules/time.ts';

/** A guarantee, and whatever in a history breaks it, one per line. */
export interface Rule {
  readonly name: RuleName;
  readonly broken: (history: History) => readonly string[];
}

export type RuleName =
  | 'conservation'
  | 'one commit per intent'
  | 'one owner'
  | 'yes is on the branch'
  | 'no is not on the branch'
  | 'doubt has a reason'
  | 'doubt names the request'
  | 'nothing claimable'
  | 'answered in time'
  | 'ends in time'
  | 'bounded tries'
  | 'pushes within the limit'
  | 'no refs left'
  | 'nobody pays for others'
  | 'only owners lose'
  | 'only owners act'
  | 'living claims stay'
  | 'only open tasks are claimed'
  | 'nobody sleeps'
  | 'pools leave nothing'
  | 'work goes on';

export const RULES: readonly Rule[] = [
  { name: 'conservation', broken: unconserved },
  { name: 'one commit per intent', broken: repeated },
  { name: 'one owner', broken: shared },
  { name: 'yes is on the branch', broken: untrueYes },
  { name: 'no is not on the branch', broken: untrueNo },
  { name: 'doubt has a reason', broken: idleDoubt },
  { name: 'doubt names the request', broken: namelessDoubt },
  { name: 'nothing claimable', broken: untrueNothing },
  { name: 'answered in time', broken: late },
  { name: 'ends in time', broken: lingering },
  { name: 'bounded tries', broken: unbounded },
  { name: 'pushes within the limit', broken: crowded },
  { name: 'no refs left', broken: leftRefs },
  { name: 'nobody pays for others', broken: paidForOthers },
  { name: 'only owners lose', broken: wronglyLost },
  { name: 'only owners act', broken: intruding },
  { name: 'living claims stay', broken: takenAlive },
  { name: 'only open tasks are claimed', broken: claimedThoughClosed },
  { name: 'nobody sleeps', broken: asleep },
  { name: 'pools leave nothing', broken: leftByPools },
  { name: 'work goes on', broken: stuck },
];

/** What of the guarantees does not hold, `rule: what happened` each. Pure. */
export function check(history: History): readonly { readonly rule: RuleName; readonly what: string }[] {
  return RULES.flatMap(({ name, broken }) => broken(history).map((what) => ({ rule: name, what })));
}
