import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, formatHold, isHoldMet, neededFor, parseHold } from '../../../src/domain/queue/batches.ts';

describe('parseHold', () => {
  it.each([
    ['80% of foundation', { percent: 80, batch: 'foundation' }],
    ['  100 %  OF  phase one ', { percent: 100, batch: 'phase one' }],
    ['all of foundation', { percent: 100, batch: 'foundation' }],
    ['1% of of', { percent: 1, batch: 'of' }],
  ])('reads %j', (text, hold) => {
    expect(parseHold(text)).toEqual({ kind: 'hold', hold });
  });

  it.each([
    ['', 'is not a condition'],
    ['foundation', 'is not a condition'],
    ['80 of foundation', 'is not a condition'],
    ['80%of foundation', 'is not a condition'],
    ['80.5% of foundation', 'is not a condition'],
    ['-1% of foundation', 'is not a condition'],
    ['80% of', 'is not a condition'],
    ['80% of a\u0007b', 'must be one line'],
    ['0% of foundation', 'must be 1% to 100%'],
    ['101% of foundation', 'must be 1% to 100%'],
    [`5% of ${'x'.repeat(101)}`, 'the limit is 100'],
  ])('refuses %j', (text, words) => {
    const parsed = parseHold(text);
    expect(parsed.kind === 'problem' && parsed.problem).toContain(words);
  });

  it('reads what formatHold writes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.stringMatching(/^[\w-]([\w -]{0,20}[\w-])?$/),
        (percent, batch) => {
          expect(parseHold(formatHold({ percent, batch }))).toEqual({ kind: 'hold', hold: { percent, batch } });
        },
      ),
    );
  });
});

describe('isHoldMet', () => {
  it.each([
    [80, 4, 5, true],
    [80, 3, 5, false],
    [80, 40, 50, true],
    [80, 39, 50, false],
    [1, 0, 5, false],
    [1, 1, 5, true],
    [34, 1, 3, false],
    [33, 1, 3, true],
    [100, 7, 7, true],
    [100, 0, 0, false],
  ])('%i%% with %i of %i complete: %s', (percent, completed, total, met) => {
    expect(isHoldMet({ percent, batch: 'b' }, { completed, total })).toBe(met);
  });

  it('is not so for a batch nobody is in', () => {
    expect(isHoldMet({ percent: 1, batch: 'b' }, undefined)).toBe(false);
  });

  it('needs at least the share, and less than one task more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 10_000 }), (percent, total) => {
        const needed = neededFor({ percent, batch: 'b' }, total);
        expect(needed * 100).toBeGreaterThanOrEqual(percent * total);
        expect((needed - 1) * 100).toBeLessThan(percent * total);
      }),
    );
  });
});

it('batchesOf of no tasks is empty', () => {
  expect(batchesOf([])).toEqual(new Map());
});
