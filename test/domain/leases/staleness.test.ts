import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import {
  askedLimit as askedOf,
  heartbeatWitness,
  isStalled,
  needsEvidence,
  poolLimit as poolOf,
  type SilenceLimit,
  silenceOf,
} from '../../../src/domain/leases/staleness.ts';
import type { TaskEntry } from '../../../src/domain/queue/snapshot.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
const poolLimit = (ms: number): SilenceLimit => poolOf({ stalledAfterMs: ms, reviewAfterMs: WEEK });
const askedLimit = (ms: number): SilenceLimit => askedOf(ms, { stalledAfterMs: 1, reviewAfterMs: WEEK });
const ago = (minutes: number): string => new Date(NOW - minutes * MINUTE).toISOString();

function claimed(lastHeartbeat: string | undefined, touchedMinutesAgo?: number): TaskEntry {
  const snapshot = snapshotOf([
    {
      id: 'T-1',
      state: 'claimed',
      claim: { claimedBy: 'a1', claimedAt: ago(500), ...given({ lastHeartbeat }) },
      ...(touchedMinutesAgo === undefined ? {} : { touchedAt: NOW - touchedMinutesAgo * MINUTE }),
    },
  ]);
  const [entry] = snapshot.projects.get('auth')?.entries ?? [];
  if (!entry) throw new Error('no entry');
  return entry;
}

describe('the last sign of life', () => {
  it.each<[string, string | undefined, number | undefined, number | undefined]>([
    ['a heartbeat', ago(45), undefined, 45],
    ['a heartbeat, however new its commit', ago(45), 0, 45],
    ['a heartbeat of a clock that is two minutes ahead', ago(-2), 7, 0],
    ['from the future: the commit', ago(-2.1), 7, 7],
    ['from next year: the commit', '2027-03-01T12:00:00Z', 7, 7],
    ['none: the commit', undefined, 7, 7],
    ['words: the commit', 'just now', 7, 7],
    ['no real date: the commit', '2026-13-45T99:00:00Z', 7, 7],
    ['a date without a time: the commit', '2026-03-01', 7, 7],
    ['a time without a zone: the commit', '2026-03-01T11:15:00', 7, 7],
    ['empty: the commit', '', 7, 7],
    ['nothing at all: unknown', undefined, undefined, undefined],
    ['a commit from the future: silent for no time', undefined, -30, 0],
    ['another zone', '2026-03-01T12:15:00+01:00', undefined, 45],
    ['another zone without a colon', '2026-03-01T12:15:00+0100', undefined, 45],
    ['what `date -u` prints with spaces', '2026-03-01 11:15:00 UTC', undefined, 45],
    ['parts of seconds', '2026-03-01T11:15:00.000Z', undefined, 45],
    ['without seconds', '2026-03-01T11:15Z', undefined, 45],
  ])('is %s', (_, heartbeat, touched, minutes) => {
    const silence = silenceOf(claimed(heartbeat, touched), NOW);
    expect(silence).toBe(minutes === undefined ? undefined : minutes * MINUTE);
  });

  it('is never asked of `claimed_at`, which is invented more often than not', () => {
    expect(heartbeatWitness(claimed(undefined), NOW)).toEqual({ kind: 'none' });
  });
});

describe('a claim is stalled', () => {
  it.each<[string, number | undefined, SilenceLimit, boolean]>([
    ['not within the limit', 29, poolLimit(30 * MINUTE), false],
    ['not at the limit', 30, poolLimit(30 * MINUTE), false],
    ['not when the owner’s clock may be two minutes behind', 32, poolLimit(30 * MINUTE), false],
    ['beyond that', 32.1, poolLimit(30 * MINUTE), true],
    ['never when nothing is known', undefined, poolLimit(30 * MINUTE), false],
    ['not beyond a long one by two minutes', 602, poolLimit(600 * MINUTE), false],
    ['beyond a long one by more', 603, poolLimit(600 * MINUTE), true],
    ['not within twice a pool’s short limit', 2, poolLimit(MINUTE), false],
    ['beyond that, which no skew within the limit explains', 2.1, poolLimit(MINUTE), true],
    ['beyond a trial’s limit, with a tenth of it for skew', 0.45, poolLimit(0.4 * MINUTE), true],
    ['not within a short limit that was asked for', 1, askedLimit(MINUTE), false],
    ['beyond it, with a tenth of it for skew', 1.2, askedLimit(MINUTE), true],
    ['not when the owner’s clock may be behind', 32, askedLimit(30 * MINUTE), false],
  ])('%s', (_, silent, limit, expected) => {
    const heartbeat = silent === undefined ? undefined : ago(silent);
    expect(isStalled(claimed(heartbeat), NOW, limit)).toBe(expected);
  });

  it.each([
    ['as soon as this clone has watched it for the limit, with no room for a clock that it did not use', 30.1, true],
    ['not before', 30, false],
  ])('%s', (_, watched, expected) => {
    const entry = { ...claimed(ago(1)), evidence: { watchedMs: watched * MINUTE } };
    expect(isStalled(entry, NOW, poolLimit(30 * MINUTE))).toBe(expected);
  });
});

describe('a claim whose work waits for its review is stalled', () => {
  const inReview = (minutes: number): TaskEntry => {
    const snapshot = snapshotOf([
      {
        id: 'T-1',
        state: 'claimed',
        claim: { claimedBy: 'a1', lastHeartbeat: ago(minutes), reviewSince: ago(minutes) },
      },
    ]);
    const [entry] = snapshot.projects.get('auth')?.entries ?? [];
    if (!entry) throw new Error('no entry');
    return entry;
  };
  const DAY = 24 * 60;

  it.each<[string, number, SilenceLimit, boolean]>([
    ['not by the limit for heartbeats', DAY, poolLimit(30 * MINUTE), false],
    ['not by one that a person asked for', DAY, askedLimit(MINUTE), false],
    ['not within its own', 7 * DAY, poolLimit(30 * MINUTE), false],
    ['beyond it', 7 * DAY + 3, poolLimit(30 * MINUTE), true],
    ['not within a longer one that a person asked for', 10 * DAY, askedLimit(30 * DAY * MINUTE), false],
    ['not within the limit for heartbeats, if that is longer', 10 * DAY, poolLimit(30 * DAY * MINUTE), false],
  ])('%s', (_, silent, limit, expected) => {
    expect(isStalled(inReview(silent), NOW, limit)).toBe(expected);
    expect(needsEvidence(inReview(silent), NOW, limit)).toBe(expected);
  });
});
