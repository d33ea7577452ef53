import { expect, it } from 'vitest';
import { describeNothingClaimable, type NothingClaimable } from '../../../src/domain/base/claimable.ts';

const NONE: NothingClaimable = {
  waiting: 0,
  otherStatus: {},
  claimed: 0,
  completed: 0,
  unreadable: 0,
  inTwoStates: 0,
  filteredOut: 0,
};

it('says that there is nothing at all', () => {
  expect(describeNothingClaimable(NONE)).toBe('nothing to claim: there are no tasks');
  expect(describeNothingClaimable(NONE, 'auth')).toBe('nothing to claim in auth: there are no tasks');
});

it('counts every reason and names what is most waited for, in one line', () => {
  const why: NothingClaimable = {
    waiting: 3,
    mostWaitedFor: { dependency: 'auth/TASK-1', waiting: 2 },
    otherStatus: { pending: 1, blocked: 2, claimed: 1 },
    claimed: 4,
    completed: 10,
    unreadable: 1,
    inTwoStates: 1,
    filteredOut: 5,
  };
  expect(describeNothingClaimable(why)).toBe(
    'nothing to claim: 3 wait for dependencies, 2 blocked, 1 with status claimed, 1 pending, 5 do not match the filter, 1 is unreadable, ' +
      '1 is in two states at once, 4 claimed, 10 completed; most waited for: auth/TASK-1 (by 2)',
  );
});
