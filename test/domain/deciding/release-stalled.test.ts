import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { HeartbeatIntent, ReleaseStalledIntent } from '../../../src/domain/intents/intent.ts';
import type { StalledOutcome } from '../../../src/domain/intents/outcome.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { readLedger, writeLedger } from '../../../src/domain/rules/ledger.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const minutesAgo = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();

function releaseStalled(extra: Partial<ReleaseStalledIntent> = {}): ReleaseStalledIntent {
  return { kind: 'release-stalled', request: 'r1', agent: 'orchestrator', ...extra };
}

function silent(id: string, minutes: number, extra: Partial<TaskSpec> = {}): TaskSpec {
  return {
    id,
    state: 'claimed',
    claim: { claimedBy: `owner-of-${id}`, lastHeartbeat: minutesAgo(minutes), claimId: 'c1' },
    ...extra,
  };
}

function outcomeOf(specs: readonly TaskSpec[], intent = releaseStalled()): StalledOutcome {
  const [decision] = decide(snapshotOf(specs), [intent], NOW).decisions;
  if (decision?.kind === 'refused' || decision?.outcome.kind !== 'released-stalled') throw new Error('not released');
  return decision.outcome;
}

const namesOf = ({ tasks }: StalledOutcome): string[] => tasks.map(({ key }) => formatKey(key));

describe('release-stalled', () => {
  it('gives all back in one commit, counted in the ledger of each location', () => {
    const specs = [
      silent('T-2', 40),
      silent('T-1', 90, { status: 'claimed', stalls: 1 }),
      silent('T-3', 5),
      silent('T-1', 40, { project: 'pay' }),
      { id: 'T-9', stalls: 2 },
    ];
    const plan = decide(snapshotOf(specs), [releaseStalled()], NOW);
    expect(plan.commits).toHaveLength(1);
    const [commit] = plan.commits;
    expect(commit?.subject).toBe('[ORCHESTRATOR] Released 3 stalled tasks (no heartbeat for 30m)');
    expect(commit?.author).toBe('orchestrator');
    expect(commit?.trailers.map(({ value }) => value)).toEqual([
      'auth/T-1',
      'auth/T-2',
      'pay/T-1',
      'orchestrator',
      'r1',
    ]);
    expect(
      commit?.tasks.map(({ fromPath, toPath, edits }) => [fromPath, toPath, edits.map(({ kind }) => kind)]),
    ).toEqual([
      ['.agents/auth/claimed/T-1.toon', '.agents/auth/tasks/T-1.toon', ['remove-claim', 'set-status']],
      ['.agents/auth/claimed/T-2.toon', '.agents/auth/tasks/T-2.toon', ['remove-claim']],
      ['.agents/pay/claimed/T-1.toon', '.agents/pay/tasks/T-1.toon', ['remove-claim']],
    ]);
    expect(commit?.files).toEqual([
      { path: '.agents/auth/tasks/.agentq-stalls', content: 'T-1 2\nT-2 1\nT-9 2\n' },
      { path: '.agents/pay/tasks/.agentq-stalls', content: 'T-1 1\n' },
    ]);
    expect(plan.decisions[0]).toMatchObject({
      outcome: {
        olderThanMs: 30 * 60_000,
        tasks: [
          { agent: 'owner-of-T-1', silentMs: 90 * 60_000, stalls: 2, isBlocked: false },
          { stalls: 1 },
          { stalls: 1 },
        ],
      },
    });
  });

  it.each<[string, readonly TaskSpec[], Partial<ReleaseStalledIntent>, readonly string[]]>([
    ['nothing to do', [silent('T-1', 5), { id: 'T-2' }, { id: 'T-3', state: 'completed' }], {}, []],
    ['one project only', [silent('T-1', 90), silent('T-1', 90, { project: 'pay' })], { project: 'pay' }, ['pay/T-1']],
    ['a longer limit', [silent('T-1', 90)], { olderThanMs: 120 * 60_000 }, []],
    ['a shorter limit', [silent('T-1', 2)], { olderThanMs: 60_000 }, ['auth/T-1']],
    ['an unreadable claim stays', [{ id: 'T-1', state: 'claimed', unreadable: 'bad', touchedAt: 0 }], {}, []],
    ['in two folders at once stays', [silent('T-1', 90), { id: 'T-1' }], {}, []],
    [
      'no heartbeat: by its commit',
      [
        { id: 'T-1', state: 'claimed', claim: { claimedBy: 'a1' }, touchedAt: NOW - 3_600_000 },
        { id: 'T-2', state: 'claimed', claim: { claimedBy: 'a1' }, touchedAt: NOW - 60_000 },
        { id: 'T-3', state: 'claimed', touchedAt: NOW - 3_600_000 },
      ],
      {},
      ['auth/T-1', 'auth/T-3'],
    ],
  ])('%s', (_, specs, extra, expected) => {
    const plan = decide(snapshotOf(specs), [releaseStalled(extra)], NOW);
    expect(plan.commits).toHaveLength(expected.length === 0 ? 0 : 1);
    expect(namesOf(outcomeOf(specs, releaseStalled(extra)))).toEqual(expected);
  });

  it('spares a claim that is renewed in the same batch', () => {
    const heartbeat: HeartbeatIntent = { kind: 'heartbeat', request: 'r2', agent: 'owner-of-T-1', task: { id: 'T-1' } };
    const plan = decide(snapshotOf([silent('T-1', 90)]), [releaseStalled(), heartbeat], NOW);
    expect(plan.decisions.map(({ kind }) => kind)).toEqual(['unchanged', 'change']);
  });
});

describe('a claim that this clone has watched for the limit', () => {
  const watched = (snapshot: QueueSnapshot): QueueSnapshot => {
    const [[name, project] = ['', undefined]] = snapshot.projects;
    if (project === undefined) throw new Error('no project');
    const entries = project.entries.map((entry) => ({ ...entry, evidence: { watchedMs: 40 * 60_000 } }));
    return { ...snapshot, projects: new Map([[name, { ...project, entries }]]) };
  };

  it('is given back whatever its heartbeat says', () => {
    const [decision] = decide(watched(snapshotOf([silent('T-1', 5)])), [releaseStalled()], NOW).decisions;
    expect(decision).toMatchObject({ outcome: { tasks: [{ silentMs: 40 * 60_000 }] } });
  });

  it.each(['commit', 'ref'] as const)('is spared where it is renewed by a %s in the same batch', (by) => {
    const snapshot = watched(snapshotOf([silent('T-1', 90)]));
    const pool = { ...snapshot, settings: { ...snapshot.settings, heartbeat: by } };
    const heartbeat: HeartbeatIntent = { kind: 'heartbeat', request: 'r2', agent: 'owner-of-T-1', task: { id: 'T-1' } };
    const [release] = decide(pool, [releaseStalled(), heartbeat], NOW).decisions;
    expect(release).toMatchObject({ kind: 'unchanged', outcome: { tasks: [] } });
  });
});

describe('a task that stalls too often', () => {
  it('is blocked, with a reason that says how to free it', () => {
    const specs = [silent('T-1', 90, { stalls: 2 })];
    const [commit] = decide(snapshotOf(specs), [releaseStalled()], NOW).commits;
    expect(commit?.tasks[0]?.edits).toEqual([
      { kind: 'remove-claim' },
      { kind: 'set-status', status: 'blocked' },
      {
        kind: 'set-blocked-reason',
        reason: 'stalled 3 times - last held by owner-of-T-1 - free it with agentq unblock --task auth/T-1',
      },
    ]);
    expect(outcomeOf(specs).tasks).toMatchObject([{ stalls: 3, isBlocked: true }]);
  });

  it('gets as many chances as the pool has agreed on', () => {
    const snapshot = snapshotOf([silent('T-1', 90, { stalls: 2 })]);
    const patient = { ...snapshot, settings: { ...snapshot.settings, maxReleases: 4 } };
    const [decision] = decide(patient, [releaseStalled()], NOW).decisions;
    expect(decision).toMatchObject({ outcome: { tasks: [{ stalls: 3, isBlocked: false }] } });
  });
});

it.each([
  ['T-1 2\n<<<<<<< ours\nT-2 x\n\nT-3 1\r\n', { 'T-1': 2, 'T-3': 1 }],
  ['T-1 999999\nT-2 1000000\nT-3 12 \t\n', { 'T-1': 999_999, 'T-3': 12 }],
  ['T-1 2 more\n T-2 2\nT 3 1\nT-4  1\nT-5 -1\nT-6 1.5\nT-7\n', {}],
  ['', {}],
])('a damaged ledger counts what can be read in it: %j', (text, counts) => {
  expect(Object.fromEntries(readLedger(text))).toEqual(counts);
});

it('a ledger is read as it was written, in natural order and without what is not counted', () => {
  const counts = new Map([
    ['T-10', 2],
    ['T-9', 1],
    ['T-1', 0],
  ]);
  expect(writeLedger(counts)).toBe('T-9 1\nT-10 2\n');
  expect(readLedger(writeLedger(counts) ?? '')).toEqual(new Map([...counts].filter(([, count]) => count > 0)));
  expect(writeLedger(new Map([['T-1', 0]]))).toBeUndefined();
});
