import { describe, expect, it } from 'vitest';
import { sparkline } from '../../../../src/page/views/charts/sparkline.ts';
import { durationText, markText, valueText } from '../../../../src/page/views/charts/units.ts';

describe('values of charts', () => {
  it('have the units of people', () => {
    const durations = [
      0,
      340,
      1_250,
      12_340,
      60_000,
      200_000,
      3_193_000,
      3_599_000,
      3_600_000,
      7_500_000,
      86_399_999,
      100 * 3_600_000,
    ];
    expect(durations.map(durationText)).toEqual([
      '0 ms',
      '340 ms',
      '1.25 s',
      '12.3 s',
      '1 min',
      '3 min 20 s',
      '53 min',
      '1 h',
      '1 h',
      '2 h 5 min',
      '24 h',
      '4 d 4 h',
    ]);
  });

  it('say a dash for what nothing tells', () => {
    expect([null, undefined, Number.NaN].map((value) => valueText(value, 'share'))).toEqual(['–', '–', '–']);
    expect(valueText(0.1234, 'share')).toBe('12.3 %');
    expect(valueText(12_345, 'count')).toBe('12,345');
    expect(valueText(6.87, 'count')).toBe('6.9');
  });

  it('begin at a bare zero', () => {
    expect([0, 500, 1_800_000].map((value) => markText(value, 'duration'))).toEqual(['0', '500 ms', '30 min']);
  });
});

describe('a sparkline', () => {
  it('leads through the values that are known', () => {
    expect(sparkline([0, null, 4], { width: 10, height: 13 })).toEqual({
      line: 'M0 11.5L10 1.5',
      area: 'M0 11.5L10 1.5L10 13L0 13Z',
    });
  });

  it('is nothing for one value, and for nothing but zeros', () => {
    expect([[null, 3, null], [0, 0], []].map((values) => sparkline(values, { width: 10, height: 10 }).line)).toEqual([
      '',
      '',
      '',
    ]);
  });
});
