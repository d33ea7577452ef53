import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKOFF_CAP_MS, backoffDelay } from '../../../src/engine/base/backoff.ts';

const chance = (value: number) => ({ next: () => value, id: () => '' });
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('full jitter', () => {
  it('is anything from nothing to a bound that doubles, up to the cap', () => {
    const policy = fc.record({
      schedule: fc.constant('full-jitter' as const),
      baseMs: fc.integer({ min: 1, max: 60_000 }),
    });
    fc.assert(
      fc.property(policy, fc.integer({ min: 0, max: 1000 }), uniform, (given, retry, value) => {
        const delay = backoffDelay(given, retry, chance(value));
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(BACKOFF_CAP_MS, given.baseMs * 2 ** retry));
        expect(Number.isInteger(delay)).toBe(true);
      }),
    );
  });

  it.each([
    [0, 250],
    [1, 500],
    [5, 8_000],
    [6, 16_000],
    [7, 16_000],
    [100_000, 16_000],
  ])('before retry %d is at most %d ms', (retry, most) => {
    const policy = { schedule: 'full-jitter', baseMs: 250 } as const;
    expect(backoffDelay(policy, retry, chance(0))).toBe(0);
    expect(backoffDelay(policy, retry, chance(0.5))).toBe(most / 2);
    expect(backoffDelay(policy, retry, chance(1 - 1e-9))).toBe(most);
  });
});

describe("the guide's schedule", () => {
  it.each([
    [0, 1_000],
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [4, 16_000],
    [5, 16_000],
    [1000, 16_000],
  ])('before retry %d is %d ms, times one to two, whatever the base', (retry, least) => {
    for (const baseMs of [1, 250]) {
      const policy = { schedule: 'guide', baseMs } as const;
      expect(backoffDelay(policy, retry, chance(0))).toBe(least);
      expect(backoffDelay(policy, retry, chance(0.25))).toBe(least * 1.25);
      expect(backoffDelay(policy, retry, chance(1 - 1e-9))).toBe(2 * least);
    }
  });
});
