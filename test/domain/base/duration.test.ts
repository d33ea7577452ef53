import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approximateDuration, formatDuration, parseDuration } from '../../../src/domain/base/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['500ms', 500],
    ['10m', 600_000],
    ['2d', 172_800_000],
    ['1.5h', 5_400_000],
    ['1s500ms', 1_500],
    [' 30s ', 30_000],
    ['0s', 0],
    ['1.25s', 1_250],
    ['0.0004s', 0],
    ['365d', 31_536_000_000],
    [`${'0'.repeat(39)}s`, 0],
  ])('reads %j', (text, ms) => {
    expect(parseDuration(text)).toEqual({ kind: 'duration', ms });
  });

  it.each([
    ['', 'empty'],
    ['30', 'no unit: write 30s, 30m or 30h'],
    ['1.5', 'no unit'],
    ['-30s', 'not a duration'],
    ['30 s', 'not a duration'],
    ['30S', 'not a duration'],
    ['1e3s', 'not a duration'],
    ['soon', 'not a duration'],
    ['NaN', 'not a duration'],
    ['1y', 'not a duration'],
    ['x30', 'this is not a duration: give a number with a unit, such as 500ms, 90s, 10m, 1h30m or 2d'],
    ['1.25', 'no unit: write 1.25s, 1.25m or 1.25h'],
    ['30sx', 'not a duration'],
    ['x30s', 'not a duration'],
    ['1h30', 'not a duration'],
    ['1..5h', 'not a duration'],
    [`${'0'.repeat(40)}s`, 'not a duration'],
    ['365d1ms', 'longer than 365 days'],
    ['30m1h', 'from large to small'],
    ['1h1h', 'at most once'],
    ['366d', 'longer than 365 days'],
    [`${'9'.repeat(60)}s`, 'not a duration'],
  ])('refuses %j: %s', (text, why) => {
    expect(parseDuration(text)).toEqual({ kind: 'problem', problem: expect.stringContaining(why) });
  });

  it('reads back what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toEqual({ kind: 'duration', ms });
      }),
    );
  });

  it('never gives anything but a number of milliseconds or a problem', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseDuration(text);
        if (parsed.kind === 'duration') expect(Number.isSafeInteger(parsed.ms)).toBe(true);
        else expect(parsed.problem).not.toBe('');
      }),
    );
  });
});

it.each([
  [0, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_600_000, '1h'],
  [3_900_000, '1h05m'],
  [90_000_000, '1d1h'],
  [86_400_000, '1d'],
  [86_399_999, '23h59m'],
  [2 * 86_400_000, '2d'],
  [6 * 86_400_000 + 3_600_000, '6d1h'],
  [7 * 86_400_000 + 3_600_000, '7d'],
  [10 * 86_400_000 + 1, '10d'],
  [-5, '0s'],
])('approximateDuration(%d) is %s', (ms, text) => {
  expect(approximateDuration(ms)).toBe(text);
});
