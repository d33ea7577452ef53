import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOf, dayName, dayOf, momentOf, startOfDay } from '../../../../src/page/views/times/clock.ts';
import { ticksIn } from '../../../../src/page/views/times/ticks.ts';

/** On the clock of whoever runs the tests. */
const local = (day: number, hour: number, minute = 0): number => new Date(2026, 11, day, hour, minute).getTime();

describe('times of the page', () => {
  it('names a time by the clock, the day and the year as far as that is needed', () => {
    const now = local(2, 15, 30);
    expect(clockOf(now)).toBe('15:30');
    expect(momentOf(local(2, 9, 5), now)).toBe('09:05');
    expect(momentOf(local(1, 9, 5), now)).toBe('Tue 1 Dec, 09:05');
    expect(dayOf(new Date(2025, 0, 3).getTime(), now)).toBe('Fri 3 Jan 2025');
  });

  it('calls the last two days by name', () => {
    const now = local(2, 0, 10);
    expect(
      [local(2, 0), local(1, 23), local(1, 0), new Date(2026, 10, 30, 23).getTime()].map((at) => dayName(at, now)),
    ).toEqual(['Today', 'Yesterday', 'Yesterday', 'Mon 30 Nov']);
  });
});

describe('marks of a time axis', () => {
  it('are at full hours, and say the day at midnight', () => {
    const ticks = ticksIn(local(1, 15, 30), local(2, 15, 30), 8);
    expect(ticks.map(({ label }) => label)).toEqual([
      '18:00',
      '21:00',
      'Wed 2 Dec',
      '03:00',
      '06:00',
      '09:00',
      '12:00',
      '15:00',
    ]);
    expect(ticks.find(({ isDay }) => isDay)?.percent).toBeCloseTo((8.5 / 24) * 100, 5);
  });

  it('are days for weeks', () => {
    expect(ticksIn(local(1, 15), local(15, 15), 7).map(({ label }) => label)).toEqual([
      'Wed 2 Dec',
      'Fri 4 Dec',
      'Sun 6 Dec',
      'Tue 8 Dec',
      'Thu 10 Dec',
      'Sat 12 Dec',
      'Mon 14 Dec',
    ]);
  });

  it('are none for no time', () => {
    expect(ticksIn(local(1, 1), local(1, 1), 5)).toEqual([]);
  });

  it('are in the period, in order, and no more than fit, but for one', () => {
    const from = fc.integer({ min: local(1, 0) - 400 * 86_400_000, max: local(1, 0) });
    fc.assert(
      fc.property(
        from,
        fc.integer({ min: 60_000, max: 900 * 86_400_000 }),
        fc.integer({ min: 1, max: 20 }),
        (at, length, most) => {
          const ticks = ticksIn(at, at + length, most);
          expect(ticks.length).toBeLessThanOrEqual(most + 1);
          for (const [number, tick] of ticks.entries()) {
            expect(tick.at).toBeGreaterThanOrEqual(at);
            expect(tick.at).toBeLessThanOrEqual(at + length);
            expect(tick.at).toBeGreaterThan(ticks[number - 1]?.at ?? 0);
            expect(tick.isDay).toBe(tick.at === startOfDay(tick.at));
          }
        },
      ),
    );
  });
});
