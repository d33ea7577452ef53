import { expect, it } from 'vitest';
import { age, ago, endTime, exactTime, shortTime } from '../../../src/page/format/times.ts';

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

it('has a clock of 24 hours in a language that has one of 12', () => {
  // The language of the machine is that of the reader; where it has 24 hours, nothing is tried here.
  const at = new Date(2026, 2, 12, 21, 7, 3);
  const time = at.toISOString();
  expect(exactTime(time)).toMatch(/\b21:07:03$/);
  expect(shortTime(time)).toMatch(/\b21:07$/);
  expect(endTime(at.getTime(), 3_600_000)).toBe('21:07');
  expect(exactTime(new Date(2026, 2, 12, 0, 7, 3).toISOString())).toMatch(/\b00:07:03$/);
});

it('says of an end that is days away the day only', () => {
  expect(endTime(new Date(2026, 2, 12, 21, 7).getTime(), 3 * 86_400_000)).toMatch(/12/);
  expect(endTime(new Date(2026, 2, 12, 21, 7).getTime(), 3 * 86_400_000)).not.toContain(':');
});
