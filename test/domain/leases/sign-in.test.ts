import { describe, expect, it } from 'vitest';
import type { Watched } from '../../../src/domain/leases/sightings.ts';
import { inUseElsewhere, isThere, longGone } from '../../../src/domain/leases/sign-in.ts';
import { signInOf } from '../../kit/queues/sign-ins.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 0, 2, 12);

describe('the process behind a sign-in', () => {
  it.each<[boolean, string, number, Watched | undefined]>([
    [true, 'it was renewed just now', 0, undefined],
    [true, 'it was renewed within its time, and clocks are two minutes apart', 17, undefined],
    [false, 'it was not renewed for longer', 18, undefined],
    [true, 'a clock is a little ahead', -17, undefined],
    [false, 'only a clock that is far ahead speaks for it', -60, undefined],
    // What this clone has seen needs no clock but its own.
    [false, 'this clone has watched it for longer, whatever its clock says', -60, { watchedMs: 16 * MINUTE }],
    [false, 'this clone has watched it for longer, though it says that it is new', 0, { watchedMs: 16 * MINUTE }],
    [
      true,
      'its clock is far behind, and it came between two looks',
      600,
      { watchedMs: 0, arrivedWithinMs: 5 * MINUTE },
    ],
    [
      true,
      'its clock is far ahead, and it came between two looks',
      -600,
      { watchedMs: 0, arrivedWithinMs: 5 * MINUTE },
    ],
    [
      false,
      'nobody looked for long, and its clock is behind or it is gone',
      600,
      { watchedMs: 0, arrivedWithinMs: HOUR },
    ],
  ])('is there: %s, if %s', (there, _why, minutes, watched) => {
    expect(isThere(signInOf(['a'], NOW - minutes * MINUTE), watched, NOW)).toBe(there);
  });

  it('is not believed to need more than a day, or less than a minute', () => {
    const forever = signInOf(['a'], NOW - 25 * HOUR, { validMs: 1000 * HOUR });
    expect(isThere(forever, undefined, NOW)).toBe(false);
    expect(isThere(signInOf(['a'], NOW - MINUTE, { validMs: 1 }), { watchedMs: MINUTE }, NOW)).toBe(true);
  });
});

it('is in use elsewhere: an agent with a process on another machine that is there', () => {
  const fresh = (agents: string[], machineId: string, seen = NOW) => ({
    isFresh: true,
    signIn: signInOf(agents, seen, { machineId }),
  });
  const gone = { isFresh: false, signIn: signInOf(['a2'], NOW, { machineId: 'other' }) };
  const all = [fresh(['a1', 'a3'], 'other', NOW - 1), fresh(['a1'], 'third'), fresh(['a4'], 'here'), gone];
  const found = inUseElsewhere(all, { agents: ['a1', 'a2', 'a3', 'a4', 'a5'], machineId: 'here' });
  expect(found.map(({ agent, by }) => `${agent} ${by.machineId}`)).toEqual(['a1 third', 'a3 other']);
});

it('is long gone after a day, by our clock and beside the others', () => {
  const [old, late] = [{ signIn: signInOf(['a'], NOW - 25 * HOUR) }, { signIn: signInOf(['b'], NOW - 23 * HOUR) }];
  expect(longGone([old, late, { signIn: signInOf(['c'], NOW) }], NOW)).toEqual([old]);
  // A judge whose clock is days ahead.
  expect(longGone([old, late], NOW + 100 * HOUR)).toEqual([]);
  expect(longGone([], NOW)).toEqual([]);
});
