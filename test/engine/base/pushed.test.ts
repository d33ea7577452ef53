import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { Pushed } from '../../../src/engine/base/pushed.ts';

const [A, B, C] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)];
const MOVE = { branch: 'develop', from: A, to: B };

function late(): Failure {
  return new Failure('timed-out', 'gave up', { hint: 'nothing was changed; allow more time' });
}

describe('what a failure says of pushes', () => {
  it('is nothing if none was begun, or if all certainly failed', () => {
    const pushed = new Pushed();
    const failure = late();
    expect(pushed.told(failure)).toBe(failure);
    pushed.begin([MOVE]);
    pushed.failed([MOVE]);
    expect(pushed.told(failure)).toBe(failure);
  });

  it('is that one without an answer may have landed, and where, and not that nothing was changed', () => {
    const pushed = new Pushed();
    pushed.begin([MOVE]);
    expect(pushed.told(late())).toMatchObject({
      code: 'timed-out',
      message: 'gave up (bbbbbbbbbbbb may have landed on develop)',
      hint: 'run it again: it does what is left',
      details: { mayHaveLanded: true, commits: [B], moved: [] },
    });
  });

  it('is what has landed, for certain', () => {
    const pushed = new Pushed();
    pushed.begin([MOVE]);
    pushed.landed([MOVE]);
    const told = pushed.told(late());
    expect(told).toMatchObject({ message: 'gave up (develop moved to bbbbbbbbbbbb)', details: { moved: ['develop'] } });
    expect(told).not.toMatchObject({ details: { mayHaveLanded: true } });
  });

  it('stays in doubt until the branch is seen elsewhere than where the push was leased', () => {
    const pushed = new Pushed();
    pushed.begin([MOVE]);
    pushed.seen('other', C);
    pushed.seen('develop', A);
    expect(pushed.open).toEqual([MOVE]);
    pushed.seen('develop', C);
    expect(pushed.open).toEqual([]);
  });

  it('keeps where a branch was at first', () => {
    const pushed = new Pushed();
    pushed.landed([MOVE]);
    pushed.landed([{ branch: 'develop', from: B, to: C }]);
    expect([...pushed.moves.values()]).toEqual([{ branch: 'develop', from: A, to: C }]);
  });
});
