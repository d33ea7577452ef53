import { describe, expect, it } from 'vitest';
import {
  afterLook,
  afterPush,
  beforeLooking,
  isCrowdGone,
  type LookTimes,
  pauseAfterCrowd,
  pauseBeforeLook,
  pauseInCrowd,
} from '../../../src/engine/helping/poll-schedule.ts';
import { takeOverAfter } from '../../../src/engine/helping/takeover.ts';

const times = (lookMs: number, host: LookTimes['host'] = 'free', lateMs = 0): LookTimes => ({ lookMs, lateMs, host });

describe('what looks tell', () => {
  it.each([
    ['nothing before the first one', beforeLooking('free'), times(0)],
    ['a crowd before the first one, where our own start was slow', beforeLooking('crowded'), times(0, 'crowded', 64)],
    ['the first one is taken as it is', afterLook(times(0), { ms: 40, lateMs: 0 }), times(40)],
    ['later ones count a quarter', afterLook(times(40), { ms: 80, lateMs: 0 }), times(50)],
    ['a late timer is a crowd', afterLook(times(40), { ms: 40, lateMs: 9 }), times(40, 'free', 9).lateMs],
    ['late by 8 ms is not', afterLook(times(40), { ms: 40, lateMs: 8 }).host, 'free'],
    ['late by more than 8 ms is', afterLook(times(40), { ms: 40, lateMs: 8.1 }).host, 'crowded'],
    [
      'of a slow look, late by more than an eighth is',
      afterLook(times(160), { ms: 160, lateMs: 20.1 }).host,
      'crowded',
    ],
    ['and by less is not', afterLook(times(160), { ms: 160, lateMs: 19.9 }).host, 'free'],
    ['lateness is halved with each look', afterLook(times(40, 'crowded', 40), { ms: 40, lateMs: 0 }).lateMs, 20],
    ['a push takes as long as three looks', afterPush(times(10), 60), times(20)],
    ['a fast push does not make looks fast', afterPush(times(30), 60), times(30)],
  ])('%s', (_, actual, expected) => {
    expect(typeof expected === 'number' && typeof actual === 'object' ? actual.lateMs : actual).toEqual(expected);
  });
});

describe('the pause before the next look', () => {
  const pause = (lookMs: number, host: LookTimes['host'], waiting: number, waits: number, chance = 0.5): number =>
    pauseBeforeLook(times(lookMs, host), { waiting, waits, chance });

  it.each([
    ['60 ms at least', pause(10, 'free', 1, 0), 60],
    ['a look at first', pause(100, 'free', 1, 0), 100],
    ['longer each time', pause(100, 'free', 1, 2), 156.25],
    ['four looks at first in a crowd', pause(100, 'crowded', 1, 0), 400],
    ['growing faster in a crowd', pause(100, 'crowded', 1, 1), 600],
    ['twelve looks at most', pause(100, 'crowded', 1, 20), 1_200],
    ['4 s at most', pause(1_000, 'crowded', 1, 20), 4_000],
    ['8 ms for each who waits', pause(10, 'free', 100, 0), 800],
    ['16 ms in a crowd', pause(10, 'crowded', 100, 0), 1_600],
    ['half as long by chance', pause(10, 'free', 100, 0, 0), 400],
    ['half as long again by chance', pause(10, 'free', 100, 0, 1), 1_200],
  ])('is %s', (_, actual, expected) => {
    expect(actual).toBeCloseTo(expected);
  });

  it('is twice as long where the machine tells when the crowd is gone, which is soon after', () => {
    expect(pauseInCrowd(300)).toBe(600);
    expect([isCrowdGone(125, 250), isCrowdGone(124, 250)]).toEqual([false, true]);
    expect([pauseAfterCrowd(100, 0), pauseAfterCrowd(100, 1)]).toEqual([0, 400]);
  });
});

describe('taking over from a silent leader', () => {
  it.each([
    ['after 1.5 s at least', takeOverAfter(times(10), 1, 0), 1_500],
    ['after sixteen looks', takeOverAfter(times(200), 1, 0), 3_200],
    ['after twenty-eight in a crowd', takeOverAfter(times(200, 'crowded'), 1, 0), 5_600],
    ['after 10 s at most', takeOverAfter(times(5_000), 1, 0), 10_000],
    ['half as late again for each who is nearer', takeOverAfter(times(10), 3, 0), 3_000],
    ['and by chance', takeOverAfter(times(10), 1, 1), 2_250],
  ])('comes %s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });
});
