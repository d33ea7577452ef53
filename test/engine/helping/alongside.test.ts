import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestsIn, sweptWith } from '../../../src/engine/helping/alongside.ts';
import { requestRef } from '../../../src/engine/helping/request-ref.ts';
import { ANSWERS, DROP_AFTER_MS, REQUEST_TTL_MS, REQUESTS } from '../../../src/engine/transaction/requests.ts';
import type { LookAtTip } from '../../../src/engine/transaction/tip.ts';
import { claimIntent } from '../../kit/engine/machine.ts';

/** What a look shows of those who wait, and of the dead among them. */

const BRANCH = 'refs/heads/develop';
const NOW = 1_700_000_000_000;
const LIFE_MS = REQUEST_TTL_MS + DROP_AFTER_MS;
const DAY_MS = 24 * 3_600_000;

function lookAt(...refs: readonly string[]): LookAtTip {
  return { tip: 'a'.repeat(40), refs: new Map(refs.map((ref) => [ref, 'b'.repeat(40)])) };
}

function waitingSince(at: number, branchRef = BRANCH): string {
  return requestRef([claimIntent('waiting')], { branchRef, base: 'c'.repeat(40), at }, 'id').ref;
}

/** Whether a look takes it in, and whether a push deletes it. */
function fateOf(ref: string, now = NOW) {
  const look = lookAt(ref);
  const taken = requestsIn(look, BRANCH, now).map((request) => request.ref);
  return { isServed: taken.includes(ref), isSwept: sweptWith(look, BRANCH, now).over.includes(ref) };
}

const SERVED = { isServed: true, isSwept: false };
const SWEPT = { isServed: false, isSwept: true };
const LEFT_ALONE = { isServed: false, isSwept: false };

describe('a request', () => {
  it.each([
    ['of this moment is served', 0, SERVED],
    ['is served until its owner is surely dead', -LIFE_MS, SERVED],
    ['is swept then', -LIFE_MS - 1, SWEPT],
    ['of a clock that is a day ahead is served', DAY_MS, SERVED],
    ['of one that is further ahead would never expire, and is swept', DAY_MS + 1, SWEPT],
    ['from the beginning of time is swept', -NOW, SWEPT],
  ])('%s', (_, offset, fate) => {
    expect(fateOf(waitingSince(NOW + offset))).toEqual(fate);
  });

  it('is served or swept by its time, whatever clocks show', () => {
    const clock = fc.oneof(fc.integer({ min: 0, max: 2 * NOW }), fc.integer({ min: 0, max: LIFE_MS }));
    const edge = fc.constantFrom(-LIFE_MS, DAY_MS).chain((ms) => fc.integer({ min: ms - 2, max: ms + 2 }));
    fc.assert(
      fc.property(clock, fc.oneof(edge, clock), fc.constantFrom(0, 0.25), (start, offset, part) => {
        const now = start + part;
        const at = Math.max(0, start + offset);
        const isDead = now > at + LIFE_MS || at > now + DAY_MS;
        expect(fateOf(waitingSince(at), now)).toEqual(isDead ? SWEPT : SERVED);
      }),
    );
  });

  it('of another branch is left alone until it expires', () => {
    expect(fateOf(waitingSince(NOW, 'refs/heads/other'))).toEqual(LEFT_ALONE);
    expect(fateOf(waitingSince(NOW - LIFE_MS - 1, 'refs/heads/other'))).toEqual(SWEPT);
  });
});

describe('a name among the requests', () => {
  const time = NOW.toString(36).padStart(9, '0');
  it.each([
    ['that a later version may read is left alone', `${REQUESTS}${time}-future`, LEFT_ALONE],
    ['with no time is swept', `${REQUESTS}no-time`, SWEPT],
    ['with more than a time is swept', `${REQUESTS}${time}0-future`, SWEPT],
    ['with the letters of a time, but none, is swept', `${REQUESTS}${time.slice(0, 8)}!-future`, SWEPT],
    ['before all times is swept', `${REQUESTS}!`, SWEPT],
    ['after all times is swept', `${REQUESTS}~`, SWEPT],
  ])('%s', (_, ref, fate) => {
    expect(fateOf(ref)).toEqual(fate);
  });

  it('is looked for nowhere else', () => {
    expect(fateOf(`${ANSWERS}${time}-future`).isServed).toBe(false);
    expect(fateOf(`refs/heads/${time}-future`)).toEqual(LEFT_ALONE);
  });
});

describe('a look', () => {
  it('takes requests in by their age, in whatever order they are listed', () => {
    const refs = [3, 1, 2].map((age) => waitingSince(NOW - age));
    expect(requestsIn(lookAt(...refs), BRANCH, NOW).map(({ at }) => NOW - at)).toEqual([3, 2, 1]);
  });

  it('takes in the two thousand oldest that live, behind any number of the dead', () => {
    const dead = Array.from({ length: 3_000 }, (_, index) => waitingSince(NOW - LIFE_MS - 1 - index));
    const living = Array.from({ length: 2_100 }, (_, index) => waitingSince(NOW - index));
    const taken = requestsIn(lookAt(...living, ...dead), BRANCH, NOW);
    expect(taken).toHaveLength(2_000);
    expect(taken[0]?.ref).toBe(living.at(-1));
  });
});
