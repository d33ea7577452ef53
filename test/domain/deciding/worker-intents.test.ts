import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { ClaimIntent, HeartbeatIntent, ReleaseIntent } from '../../../src/domain/intents/intent.ts';
import {
  type Beat,
  claimName,
  formatBeats,
  newestBeats,
  parseBeats,
} from '../../../src/domain/leases/ref-heartbeat.ts';
import { heartbeatWitness, silenceOf } from '../../../src/domain/leases/staleness.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const NOW = Date.UTC(2025, 0, 2, 3, 4, 5);
const CLAIM = {
  claimedBy: 'a1',
  claimedAt: '2025-01-02T01:00:00Z',
  lastHeartbeat: '2025-01-02T01:00:00Z',
  claimId: 'c1',
};
const CLAIMED = { id: 'T-1', state: 'claimed', claim: CLAIM } as const;
const task = { project: 'auth', id: 'T-1' };

describe('a claim that leaves tasks out', () => {
  const claim = (except: readonly string[]): ClaimIntent => ({
    kind: 'claim',
    request: 'r-aaaaa',
    agent: 'a1',
    filter: { except },
    attempt: 1,
    waitedMs: 0,
  });

  it('takes the next best, and says how long the claim lasts', () => {
    const snapshot = snapshotOf([{ id: 'T-1', priority: 9 }, { id: 'T-2' }, { project: 'other', id: 'T-1' }]);
    const { decisions } = decide(snapshot, [claim(['auth/T-1'])], NOW);
    expect(decisions).toMatchObject([
      {
        kind: 'change',
        outcome: { key: { project: 'other', id: 'T-1' }, pool: { stalledAfterMs: 1_800_000, heartbeat: 'commit' } },
      },
    ]);
  });

  it('says that they are not wanted where there is nothing else', () => {
    const { decisions } = decide(snapshotOf([{ id: 'T-1' }]), [claim(['auth/T-1'])], NOW);
    expect(decisions).toMatchObject([
      { kind: 'refused', refusal: { message: 'nothing to claim: 1 does not match the filter' } },
    ]);
  });
});

describe('a release by a worker', () => {
  const release: ReleaseIntent = { kind: 'release', request: 'r-bbbbb', agent: 'a1', task, reason: 'ended with 2' };

  it('carries the last words of the command', () => {
    const { commits } = decide(snapshotOf([CLAIMED]), [{ ...release, output: ['one', 'two'] }], NOW);
    expect(commits).toMatchObject([{ body: 'Reason: ended with 2\n\nIts last words:\none\ntwo', files: [] }]);
    expect(commits[0]?.tasks[0]?.edits).toEqual([{ kind: 'remove-claim' }]);
  });

  it('blocks the task, and counts no stall', () => {
    const blocked = { ...release, blockedReason: 'failed 3 times' };
    const { commits, decisions } = decide(snapshotOf([CLAIMED]), [blocked], NOW);
    expect(commits[0]?.tasks).toMatchObject([
      {
        to: 'ready',
        edits: [
          { kind: 'remove-claim' },
          { kind: 'set-status', status: 'blocked' },
          { kind: 'set-blocked-reason', reason: 'failed 3 times' },
        ],
      },
    ]);
    expect(commits[0]?.tasks[0]?.stalls).toBeUndefined();
    expect(decisions).toMatchObject([{ outcome: { kind: 'released', isBlocked: true } }]);
  });
});

describe('heartbeats in a pool that renews by refs', () => {
  const { settings, ...rest } = snapshotOf([CLAIMED]);
  const snapshot = { ...rest, settings: { ...settings, heartbeat: 'ref' as const } };
  const beat: HeartbeatIntent = { kind: 'heartbeat', request: 'r-ccccc', agent: 'a1', task, claimId: 'c1' };

  it('change nothing on the branch, and say that a ref is to be written', () => {
    const { commits, decisions } = decide(snapshot, [beat], NOW);
    expect(commits).toEqual([]);
    expect(decisions).toMatchObject([{ kind: 'unchanged', outcome: { by: 'ref', at: '2025-01-02T03:04:05Z' } }]);
  });

  it('are fenced all the same', () => {
    expect(decide(snapshot, [{ ...beat, claimId: 'c0' }], NOW).decisions).toMatchObject([{ kind: 'refused' }]);
    expect(decide(snapshot, [{ ...beat, agent: 'a2' }], NOW).decisions).toMatchObject([{ kind: 'refused' }]);
  });

  it('are commits where the remote does not take refs', () => {
    expect(decide(snapshot, [{ ...beat, as: 'commit' }], NOW).commits).toHaveLength(1);
  });
});

describe('a heartbeat ref', () => {
  it('says which claims were renewed and when, in lines that are read back', () => {
    const beats: Beat[] = [
      { agent: 'a1', task, claimId: 'c1', at: '2025-01-02T03:04:05Z' },
      { agent: 'a2', task: { project: 'größe', id: 'T-2' }, at: '2025-01-02T03:04:05Z' },
    ];
    expect(parseBeats(formatBeats(beats))).toEqual(beats);
  });

  it.each([
    'yesterday a1 auth/T-1 c1',
    '2025-01-02T03:04:05Z --x auth/T-1 c1',
    '2025-01-02T03:04:05Z a1 ../T-1 c1',
    '2025-01-02T03:04:05Z a1 auth/x/T-1 c1',
    '2025-01-02T03:04:05Z a1 auth/T-1 c;1',
    '2025-01-02T03:04:05Z a1 auth/T-1 c1 more',
    '2025-01-02T03:04:05Z a1 auth/T-1',
    '',
  ])('with the line %j says nothing', (line) => {
    expect(parseBeats(line)).toEqual([]);
  });

  it('counts by the newest, claim by claim', () => {
    const at = (time: string): Beat => ({ agent: 'a1', task, claimId: 'c1', at: time });
    const newest = newestBeats([at('2025-01-02T03:00:00Z'), at('2025-01-02T03:04:00Z'), at('2025-01-02T03:02:00Z')]);
    expect(newest.get(claimName('a1', task, 'c1'))).toBe(NOW - 5_000);
    expect(newest.get(claimName('a1', task, 'c2'))).toBeUndefined();
  });
});

describe('the silence of an agent that renews by ref', () => {
  const [entry] = snapshotOf([CLAIMED]).projects.get('auth')?.entries ?? [];
  if (entry === undefined) throw new Error('no entry');

  it('is counted from the newer of file and ref', () => {
    expect(silenceOf({ ...entry, renewedAt: NOW - 60_000 }, NOW)).toBe(60_000);
    expect(silenceOf({ ...entry, renewedAt: NOW - 86_400_000 }, NOW)).toBe(2 * 3_600_000 + 245_000);
  });

  it('takes no heartbeat from the future', () => {
    expect(heartbeatWitness({ ...entry, renewedAt: NOW + 3_600_000 }, NOW)).toEqual({
      kind: 'heartbeat',
      at: Date.parse(CLAIM.lastHeartbeat),
    });
  });
});
