import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../src/domain/queue/snapshot.ts';
import type { TaskView } from '../../../src/domain/queue/task.ts';
import { conditionOf, ReadinessJudge } from '../../../src/domain/rules/readiness.ts';
import { descriptionOf, viewOf } from '../../../src/domain/rules/task-view.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ASKED = { at: '2026-03-01T12:00:00Z', agent: 'a1', text: 'which?' };
const CLAIM = { claimedBy: 'a1', claimedAt: '2026-03-01T11:00:00Z', lastHeartbeat: '2026-03-01T11:30:00Z' };

function viewIn(specs: readonly TaskSpec[], id: string, change: Partial<TaskEntry> = {}): TaskView {
  const state = new QueueState(snapshotOf(specs));
  const found = state.lookup({ project: 'auth', id });
  if (found.kind !== 'found') throw new Error(`no ${id}`);
  return viewOf(state, { ...found.entry, ...change });
}

describe('the state of a task', () => {
  it.each<[string, Partial<TaskSpec>]>([
    ['ready', {}],
    ['ready', { required: ['DONE'] }],
    ['waiting', { required: ['OPEN'] }],
    ['waiting', { status: 'blocked', required: ['OPEN'] }],
    ['waiting', { status: 'blocked', required: ['DONE'] }],
    ['waiting', { status: 'pending' }],
    ['waiting', { status: 'blocked', holdUntil: '80% of base' }],
    ['blocked', { status: 'blocked' }],
    ['blocked', { status: 'blocked', required: ['OPEN'], blockedReason: 'a person must look' }],
    ['blocked', { status: 'pending', blockedReason: 'a person must look' }],
    ['blocked', { status: 'draft' }],
    ['asking', { status: 'asking', questions: [ASKED], required: ['OPEN'] }],
    ['blocked', { status: 'asking' }],
    ['blocked', { status: 'asking', questions: [{ ...ASKED, answer: ASKED }] }],
    ['ready', { questions: [ASKED] }],
    ['blocked', { unreadable: 'not TOON' }],
    ['claimed', { state: 'claimed', claim: CLAIM }],
    ['review', { state: 'claimed', claim: { ...CLAIM, reviewSince: CLAIM.lastHeartbeat } }],
    ['completed', { state: 'completed', status: 'blocked' }],
  ])('is %s: %j', (expected, spec) => {
    const others: TaskSpec[] = [{ id: 'DONE', state: 'completed' }, { id: 'OPEN' }];
    expect(viewIn([...others, { id: 'T', ...spec }], 'T').state).toBe(expected);
  });

  it('agrees with what claims and the dashboard make of the task', () => {
    const spec = fc.record(
      {
        id: fc.constant('T'),
        status: fc.constantFrom('ready', 'blocked', 'pending', 'draft', 'asking'),
        questions: fc.constantFrom([ASKED]),
        required: fc.subarray(['DONE', 'OPEN']),
        blockedReason: fc.constantFrom('r'),
        holdUntil: fc.constantFrom('50% of base', 'soon'),
      },
      { requiredKeys: ['id'] },
    );
    fc.assert(
      fc.property(spec, (task) => {
        const state = new QueueState(snapshotOf([{ id: 'DONE', state: 'completed' }, { id: 'OPEN' }, task]));
        const found = state.lookup({ project: 'auth', id: 'T' });
        if (found.kind !== 'found') throw new Error('lost');
        const condition = conditionOf(state, found.entry);
        const readiness = new ReadinessJudge(state).readinessOf(found.entry);
        expect(condition === 'ready').toBe(state.isClaimable(found.entry));
        if (readiness === 'asking') expect(condition).toBe('asking');
        else if (readiness !== 'blocked') expect(condition).toBe(readiness === 'open' ? 'ready' : 'waiting');
        // Nothing tells what a pending task waits for, but pending is what it says.
        else expect(condition).toBe(task.status === 'pending' && !task.blockedReason ? 'waiting' : 'blocked');
      }),
      { numRuns: 100 },
    );
  });
});

describe('a task in JSON', () => {
  it('has one shape, with null for what nobody knows', () => {
    const specs: TaskSpec[] = [
      { id: 'T', type: 'backend', labels: { area: 'login' }, required: ['A', 'B (later)', 'A'], stalls: 2 },
      { id: 'A', state: 'completed' },
      { id: 'X', unreadable: 'not TOON' },
    ];
    expect(viewIn(specs, 'T')).toEqual({
      project: 'auth',
      task: 'T',
      title: 'Title of T',
      type: 'backend',
      priority: 5,
      state: 'waiting',
      status: 'ready',
      labels: { area: 'login' },
      requires: ['A', 'B'],
      waitingFor: ['B'],
      claim: null,
      completion: null,
      failures: 0,
      stalls: 2,
      notes: [],
      questions: [],
      path: '.agents/auth/tasks/T.toon',
    });
    expect(Object.keys(viewIn(specs, 'X'))).toEqual(Object.keys(viewIn(specs, 'T')));
    expect(viewIn(specs, 'X')).toMatchObject({ title: null, priority: null, state: 'blocked', status: null });
  });

  it('tells of a claim only while it counts, and of its newest sign of life', () => {
    const leftover: TaskSpec = { id: 'T', claim: CLAIM, completion: { completedBy: 'a0' } };
    expect(viewIn([leftover], 'T')).toMatchObject({ claim: null, completion: null });
    const claimed: TaskSpec = { ...leftover, state: 'claimed' };
    expect(viewIn([claimed], 'T')).toMatchObject({
      claim: { agent: 'a1', claimId: null, lastHeartbeat: CLAIM.lastHeartbeat, attempt: null },
      completion: null,
    });
    const later = Date.parse('2026-03-01T11:45:00Z');
    expect(viewIn([claimed], 'T', { renewedAt: later }).claim?.lastHeartbeat).toBe('2026-03-01T11:45:00Z');
    expect(viewIn([claimed], 'T', { renewedAt: NOW - 3_600_000 }).claim?.lastHeartbeat).toBe(CLAIM.lastHeartbeat);
    const done: TaskSpec = { ...claimed, state: 'completed' };
    expect(viewIn([done], 'T')).toMatchObject({ claim: { agent: 'a1' }, completion: { agent: 'a0', prUrl: null } });
  });

  it('describes what is to do in the lines of the file', () => {
    const [empty, both] = [{ priority: 0, acceptanceCriteria: [], required: [], blocks: [], labels: {} }, 'x'];
    expect(descriptionOf(empty)).toBeNull();
    expect(descriptionOf({ ...empty, summary: both, details: 'y\nz' })).toBe('x\ny\nz');
  });
});

it('is part of every outcome, as the task is after it', () => {
  const held: Partial<TaskSpec> = { state: 'claimed', claim: { ...CLAIM, claimId: 'c1' } };
  const specs: TaskSpec[] = [
    { id: 'T-1', ...held },
    { id: 'T-2', ...held },
    { id: 'T-3', ...held },
    { id: 'T-4', status: 'blocked', required: ['T-1'] },
  ];
  const by = { agent: 'a1' };
  const intents: Intent[] = [
    { kind: 'heartbeat', request: 'r1', task: { id: 'T-3' }, ...by },
    { kind: 'complete', request: 'r2', task: { id: 'T-1' }, ...by },
    { kind: 'release', request: 'r3', task: { id: 'T-2' }, ...by },
    { kind: 'release-stalled', request: 'r4', agent: 'orchestrator', olderThanMs: 60_000 },
  ];
  const outcomes = decide(snapshotOf(specs), intents, NOW).decisions.map((one) =>
    one.kind === 'refused' ? one.refusal : one.outcome,
  );
  expect(outcomes).toMatchObject([
    { view: { task: 'T-3', state: 'claimed', claim: { lastHeartbeat: '2026-03-01T12:00:00Z' } } },
    {
      view: { task: 'T-1', state: 'completed', completion: { agent: 'a1', completedAt: '2026-03-01T12:00:00Z' } },
      unblocked: [{ view: { task: 'T-4', state: 'ready', status: 'ready', waitingFor: [] } }],
    },
    { view: { task: 'T-2', state: 'ready', claim: null, path: '.agents/auth/tasks/T-2.toon' } },
    { tasks: [] },
  ]);
});
