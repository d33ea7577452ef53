import { expect, it } from 'vitest';
import { age, ago } from '../../../src/page/format/times.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

it.each([
  ['2026-03-01T12:00:00Z', 'now'],
  ['2026-03-01T12:00:09Z', 'now'],
  ['2026-03-01T11:59:55Z', '5s ago'],
  ['2026-03-01T11:58:00Z', '2m ago'],
  ['2026-03-01T09:55:00Z', '2h05m ago'],
  ['2026-02-26T12:00:00Z', '3d ago'],
])('says how long ago %s was', (time, words) => {
  expect(ago(time, now)).toBe(words);
});

it('says how long something has been so', () => {
  expect(age('2026-03-01T11:30:00Z', now)).toBe('30m');
});
