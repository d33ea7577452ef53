import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MOST_PARTS, Parts } from '../../../src/domain/dashboard/parts.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 2, 12);

it.each([
  [24 * HOUR, 30, 49],
  [HOUR, 2, 31],
  [7 * 24 * HOUR, 180, 57],
])('cuts %d ms into parts of %d minutes', (length, minutes, count) => {
  const parts = new Parts(NOON - length, NOON);
  expect([parts.stepMs / 60_000, parts.count]).toEqual([minutes, count]);
});

it('has every time of the window in one part, at most sixty of them, which begin at whole steps', () => {
  const length = fc.oneof(fc.nat(1000 * HOUR), fc.nat(200_000 * HOUR), fc.nat(60_000));
  fc.assert(
    fc.property(fc.nat(NOON), length, fc.double({ min: 0, max: 1, noNaN: true }), (to, ms, share) => {
      const parts = new Parts(to - ms, to);
      expect(parts.count).toBeLessThanOrEqual(MOST_PARTS);
      expect(Math.abs(parts.from % parts.stepMs)).toBe(0);
      expect(parts.from).toBeLessThanOrEqual(to - ms);
      expect(parts.at(to)).toBe(parts.count - 1);
      const at = Math.round(to - ms * share);
      const part = parts.at(at) ?? -1;
      expect(at - parts.from - part * parts.stepMs).toBeGreaterThanOrEqual(0);
      expect(at - parts.from - part * parts.stepMs).toBeLessThan(parts.stepMs);
      expect(parts.at(parts.from - 1)).toBeUndefined();
    }),
  );
});
