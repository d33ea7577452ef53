import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import {
  afterLook,
  type Moment,
  NOTHING_SEEN,
  type SightingMemory,
  watchedAt,
} from '../../../src/domain/leases/sightings.ts';
import { isStalled, needsEvidence, poolLimit, silenceOf } from '../../../src/domain/leases/staleness.ts';
import { type ClaimEvidence, type ClaimHistory, clockProof } from '../../../src/domain/queue/clock-proof.ts';
import type { TaskEntry } from '../../../src/domain/queue/snapshot.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';
import { sized } from '../../kit/sample.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;
const LIMIT = 30 * MINUTE;
const limit = poolLimit({ stalledAfterMs: LIMIT, reviewAfterMs: LIMIT });

function claimed(heartbeat: number, evidence: ClaimEvidence): TaskEntry {
  const claim = { claimedBy: 'a1', claimId: 'c1', lastHeartbeat: new Date(heartbeat).toISOString() };
  const [entry] = snapshotOf([{ id: 'T-1', state: 'claimed', claim }]).projects.get('auth')?.entries ?? [];
  if (!entry) throw new Error('no entry');
  return { ...entry, evidence };
}

/** Commits from the newest to the oldest, each this many minutes ago by its own clock; `!` touched the claim. */
function history(...commits: readonly (number | `${number}!`)[]): ClaimHistory {
  const times = commits.map((at) => NOW - Number.parseFloat(String(at)) * MINUTE);
  return { times, touches: commits.flatMap((at, index) => (typeof at === 'string' ? [index] : [])) };
}

describe('the order of commits', () => {
  it.each<[string, ClaimHistory, number, { behind: number; ahead: number } | undefined]>([
    ['shows nothing where times agree with it', history(1, '40!', 50), 40, { behind: 0, ahead: 0 }],
    ['shows an owner that is behind', history('65!', 5), 65, { behind: 60, ahead: 0 }],
    ['shows it of an earlier commit of the claim too', history('61!', '65!', 5), 61, { behind: 60, ahead: 0 }],
    ['shows it whoever came in between', history(1, '61!', 3, '65!', 300), 61, { behind: 58, ahead: 0 }],
    ['shows an owner that is ahead', history(40, '-600!', 50), -600, { behind: 0, ahead: 640 }],
    [
      'shows nothing of one that is ahead where nothing came after it',
      history('-600!', 50),
      -600,
      { behind: 0, ahead: 0 },
    ],
    ['asks no commit from the future', history(-30, '40!', -99), 40, { behind: 0, ahead: 0 }],
    ['asks no commit that has shown itself to be slow', history(9000, '-600!', 50), -600, { behind: 0, ahead: 0 }],
    ['says nothing of a time that no commit has', history(1, '2!', 3), 45, undefined],
    ['says nothing of a claim that no commit made', history(1, 2, 3), 45, undefined],
    [
      'is not confused by what others wrote into the claim later',
      history('90!', '40!', 50),
      40,
      { behind: 0, ahead: 0 },
    ],
  ])('%s', (_, commits, heartbeat, expected) => {
    const proof = clockProof(commits, NOW - heartbeat * MINUTE, NOW);
    const { behind = 0, ahead = 0 } = expected ?? {};
    expect(proof).toEqual(expected && { behindMs: behind * MINUTE, aheadMs: ahead * MINUTE });
  });
});

describe('the silence of a claim', () => {
  it.each<[string, number, ClaimEvidence, number | undefined]>([
    ['is what the clocks say where nothing is known of them', 45, {}, 45],
    ['is less by what the owner is behind', 65, { clock: { behindMs: 60 * MINUTE, aheadMs: 0 } }, 5],
    ['is never negative', 65, { clock: { behindMs: 90 * MINUTE, aheadMs: 0 } }, 0],
    [
      'counts from what came after a heartbeat from the future',
      -600,
      { clock: { behindMs: 0, aheadMs: 640 * MINUTE } },
      40,
    ],
    ['is not known where nothing came after it', -600, { clock: { behindMs: 0, aheadMs: 0 } }, undefined],
    [
      'is no longer than the heartbeat has been there',
      65,
      { clock: { behindMs: 0, aheadMs: 0 }, arrivedWithinMs: 4 * MINUTE },
      4,
    ],
    ['is counted by the clocks where the time is nobody’s', 65, { arrivedWithinMs: 4 * MINUTE }, 65],
    [
      'is as long as this clone has watched it',
      -600,
      { clock: { behindMs: 0, aheadMs: 0 }, watchedMs: 33 * MINUTE },
      33,
    ],
    [
      'is as long as that whatever the clocks say',
      3,
      { clock: { behindMs: 0, aheadMs: 0 }, watchedMs: 33 * MINUTE },
      33,
    ],
    ['is not shorter for having been watched for a moment only', 45, { watchedMs: 0 }, 45],
  ])('%s', (_, heartbeat, evidence, expected) => {
    const silence = silenceOf(claimed(NOW - heartbeat * MINUTE, evidence), NOW);
    expect(silence).toBe(expected === undefined ? undefined : expected * MINUTE);
  });

  it.each([
    ['looks stalled', 33, true],
    ['is stalled if this clone has watched it', 31, true],
    ['does not', 30, false],
    ['names a time from the future', -3, true],
  ])('is asked about where the claim %s', (_, heartbeat, expected) => {
    expect(needsEvidence(claimed(NOW - heartbeat * MINUTE, {}), NOW, limit)).toBe(expected);
  });
});

describe('what a clone has seen', () => {
  const look = (at: number, up?: number): Moment => ({ at, ...given({ up }) });
  const sights = (beat: string) => [{ claim: 'T-1', beat }];
  const seen = (looks: readonly (readonly [string | undefined, Moment])[]) => {
    let memory: SightingMemory = NOTHING_SEEN;
    for (const [beat, at] of looks) memory = afterLook(memory, beat === undefined ? [] : sights(beat), at);
    const [, last] = looks.at(-1) ?? [];
    return last && watchedAt(memory, 'T-1', last);
  };

  it.each<[string, readonly (readonly [string | undefined, Moment])[], object]>([
    ['at a first look is nothing', [['x', look(0)]], { watchedMs: 0 }],
    [
      'is how long a heartbeat has been there',
      [
        ['x', look(0)],
        ['x', look(9)],
      ],
      { watchedMs: 9 },
    ],
    [
      'is when it was not there yet',
      [
        ['x', look(0)],
        ['y', look(5)],
        ['y', look(9)],
      ],
      { watchedMs: 4, arrivedWithinMs: 9 },
    ],
    [
      'is the same of a claim that is new',
      [
        [undefined, look(0)],
        ['y', look(5)],
      ],
      { watchedMs: 0, arrivedWithinMs: 5 },
    ],
    [
      'begins anew with a clock that was set back',
      [
        ['x', look(50)],
        ['x', look(9)],
      ],
      { watchedMs: 0 },
    ],
    [
      'begins anew with the machine',
      [
        ['x', look(0, 50)],
        ['x', look(90, 9)],
      ],
      { watchedMs: 0 },
    ],
    [
      'is not longer because a clock was set forth',
      [
        ['x', look(0, 0)],
        ['x', look(900, 9)],
      ],
      { watchedMs: 9 },
    ],
    [
      'says so of the look before, too',
      [
        ['x', look(0, 0)],
        ['y', look(900, 9)],
      ],
      { watchedMs: 0, arrivedWithinMs: 9 },
    ],
  ])('%s', (_, looks, expected) => {
    expect(seen(looks)).toEqual(expected);
  });
});

/** A queue in which machines with clocks of their own commit, and a judge with another one looks. */
interface World {
  /** Of each owner: how wrong its clock is, and how long (ms) it lives. */
  readonly owners: readonly { readonly wrongBy: number; readonly diesAt: number; readonly startsAt: number }[];
  readonly judgeWrongBy: number;
  /** How often a machine whose clock is right commits something; undefined: there is none. */
  readonly rightEvery: number | undefined;
}

const BEAT = LIMIT / 3;
const END = 4 * HOUR;

/** Commits in the order of the branch: when, by whose clock, and whose claim they touch. */
function commitsOf({ owners, rightEvery }: World) {
  const commits: { readonly at: number; readonly time: number; readonly owner: number | undefined }[] = [];
  const push = (at: number, wrongBy: number, owner?: number) =>
    commits.push({ at, time: Math.floor((NOW + at + wrongBy) / 1000) * 1000, owner });
  push(0, 0);
  if (rightEvery !== undefined) for (let at = 0; at <= END; at += rightEvery) push(at, 0);
  for (const [owner, { wrongBy, diesAt, startsAt }] of owners.entries())
    for (let at = startsAt; at <= Math.min(END, diesAt); at += BEAT) push(at, wrongBy, owner);
  return commits.sort((a, b) => a.at - b.at);
}

/** When, and how long after its last sign of life, the judge would take each claim for the first time. */
function takenAfter(world: World, looks: readonly number[], remembers: boolean): ReadonlyMap<number, number> {
  const all = commitsOf(world);
  const taken = new Map<number, number>();
  let memory: SightingMemory = NOTHING_SEEN;
  for (const at of looks) {
    const now: Moment = { at: NOW + at + world.judgeWrongBy, up: at };
    const there = all.filter((commit) => commit.at <= at).reverse();
    const claims = world.owners.flatMap((_, owner) => {
      const touches = there.flatMap((commit, index) => (commit.owner === owner ? [index] : []));
      const last = there[touches[0] ?? -1];
      return last === undefined ? [] : [{ owner, touches, last }];
    });
    memory = afterLook(
      memory,
      claims.map(({ owner, last }) => ({ claim: `${owner}`, beat: `${last.at}` })),
      now,
    );
    for (const { owner, touches, last } of claims) {
      const clock = clockProof({ times: there.map(({ time }) => time), touches }, last.time, now.at);
      const watched = remembers ? watchedAt(memory, `${owner}`, now) : undefined;
      const entry = claimed(last.time, { ...watched, ...given({ clock }) });
      if (isStalled(entry, now.at, limit) && !taken.has(owner)) taken.set(owner, at - last.at);
    }
  }
  return taken;
}

describe('whoever’s clock is wrong, by up to a year either way', () => {
  const wrongBy = fc.oneof(
    fc.constant(0),
    fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
    fc.integer({ min: -YEAR, max: YEAR }),
  );
  const owner = (diesAt: fc.Arbitrary<number>) =>
    fc.record({ wrongBy, diesAt, startsAt: fc.integer({ min: 1000, max: BEAT }) });
  const living = owner(fc.constant(Number.POSITIVE_INFINITY));
  const dying = owner(fc.integer({ min: BEAT, max: 90 * MINUTE }));
  const every = (step: number): number[] => Array.from({ length: Math.floor(END / step) }, (_, index) => index * step);
  const world = (
    owners: fc.Arbitrary<World['owners'][number]>,
    rest: Partial<Record<keyof World, fc.Arbitrary<unknown>>>,
  ) =>
    fc.record({
      owners: fc.array(owners, { minLength: 1, maxLength: 4 }),
      judgeWrongBy: wrongBy,
      rightEvery: fc.constant<number | undefined>(undefined),
      ...rest,
    }) as fc.Arbitrary<World>;

  it('a judge that has looked before takes no living claim', () => {
    fc.assert(
      fc.property(world(living, {}), fc.integer({ min: MINUTE, max: LIMIT / 2 }), (given, step) => {
        expect(takenAfter(given, every(step), true)).toEqual(new Map());
      }),
      { numRuns: sized(150, 75) },
    );
  });

  it('a judge that has looked before takes a dead claim after the limit, and what two of its looks take', () => {
    fc.assert(
      fc.property(world(dying, {}), fc.integer({ min: MINUTE, max: LIMIT / 2 }), (given, step) => {
        const taken = takenAfter(given, every(step), true);
        expect([...taken.keys()].sort()).toEqual(given.owners.map((_, index) => index));
        for (const silence of taken.values()) expect(silence).toBeLessThanOrEqual(LIMIT + 2 * MINUTE + 2 * step + 1000);
      }),
      { numRuns: sized(150, 75) },
    );
  });

  const rightEvery = fc.integer({ min: MINUTE, max: BEAT });
  const judgeWrongBy = fc.integer({ min: -MINUTE, max: MINUTE });

  it('a judge without a memory takes no living claim, where its clock and that of one who commits now and then are right', () => {
    fc.assert(
      fc.property(world(living, { rightEvery, judgeWrongBy }), (given) => {
        expect(takenAfter(given, every(7 * MINUTE), false)).toEqual(new Map());
      }),
      { numRuns: sized(150, 75) },
    );
  });

  it('and takes a dead one, where only the clock of its owner was wrong', () => {
    fc.assert(
      fc.property(dying, rightEvery, (owner, gap) => {
        const given: World = { owners: [owner], judgeWrongBy: 0, rightEvery: gap };
        const silence = takenAfter(given, every(MINUTE), false).get(0);
        // Ahead by less than the limit, its time is believable by the time it matters: it has that much more.
        const usual = LIMIT + 2 * MINUTE + gap + MINUTE;
        const ahead = Math.min(Math.max(0, owner.wrongBy), usual + 2 * MINUTE);
        expect(silence).toBeLessThanOrEqual(usual + ahead + 2 * MINUTE);
      }),
      { numRuns: sized(150, 75) },
    );
  });
});
