import { expect, it } from 'vitest';
import { isRenewalDue } from '../../../src/domain/leases/renewal-due.ts';

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;
const ago = (at: number, triedAt = at, stalledAfterMs = 30 * MINUTE) => ({
  at: NOW - at * MINUTE,
  triedAt: NOW - triedAt * MINUTE,
  stalledAfterMs,
  held: [],
});

it.each([
  ['nothing is known', undefined, true],
  ['it was renewed just now', ago(0), false],
  ['it was renewed nearly five minutes ago', ago(4.99), false],
  ['it was renewed five minutes ago', ago(5), true],
  ['a try failed half a minute ago', ago(20, 0.5), false],
  ['a try failed a minute ago', ago(20, 1), true],
  ['the pool is less patient', ago(2, 2, 6 * MINUTE), true],
  ['the pool is hardly patient at all, and a try failed', ago(2, 0.2, 0.3 * MINUTE), true],
  ['the clock was set back', ago(-1), true],
])('when %s', (_, last, due) => {
  expect(isRenewalDue(last, NOW, 5 * MINUTE, 'later')).toBe(due);
});

it('when a try has just failed, and somebody asks for it by hand', () => {
  expect(isRenewalDue(ago(20, 0), NOW, 5 * MINUTE, 'at-once')).toBe(true);
  expect(isRenewalDue(ago(1, 0), NOW, 5 * MINUTE, 'at-once')).toBe(false);
});
