import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { TaskFilter } from '../../../src/domain/intents/intent.ts';
import { claim, claimed, held, NOW, only } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

describe('claim', () => {
  it('takes the best claimable task and writes one commit', () => {
    const snapshot = snapshotOf([
      { id: 'T-2', priority: 7, type: 'backend' },
      { id: 'T-1', priority: 3 },
    ]);
    const plan = decide(snapshot, [claim('a1', {}, { request: 'q1', attempt: 3, waitedMs: 12.4 })], NOW);
    expect(plan.commits).toEqual([
      {
        subject: '[AGENT-CLAIM] a1 claimed T-2 from auth',
        author: 'a1',
        trailers: [
          { key: 'Agentq-Task', value: 'auth/T-2' },
          { key: 'Agentq-Agent', value: 'a1' },
          { key: 'Agentq-Request', value: 'q1' },
          { key: 'Agentq-Attempts', value: '3' },
          { key: 'Agentq-Waited-Ms', value: '12' },
        ],
        tasks: [
          {
            key: { project: 'auth', id: 'T-2' },
            from: 'ready',
            to: 'claimed',
            fromPath: '.agents/auth/tasks/T-2.toon',
            toPath: '.agents/auth/claimed/T-2.toon',
            edits: [
              {
                kind: 'append-claim',
                claim: {
                  claimedBy: 'a1',
                  claimedAt: '2026-03-01T12:00:00Z',
                  lastHeartbeat: '2026-03-01T12:00:00Z',
                  attempt: 3,
                  claimId: 'q1',
                },
              },
            ],
          },
        ],
        files: [],
      },
    ]);
    expect(only(plan)).toMatchObject({
      kind: 'change',
      commit: 0,
      outcome: { kind: 'claimed', title: 'Title of T-2', priority: 7, type: 'backend' },
    });
  });

  it.each<[string, readonly TaskSpec[], TaskFilter, string]>([
    ['blocks never blocks', [{ id: 'T-1', blocks: ['T-2', 'T-3'] }], {}, 'auth/T-1'],
    ['a dependency that is not complete', [{ id: 'T-1', required: ['T-0'] }], {}, 'refused'],
    [
      'a dependency that is ready',
      [
        { id: 'T-1', required: ['T-0'] },
        { id: 'T-0', status: 'blocked' },
      ],
      {},
      'refused',
    ],
    [
      'a complete dependency',
      [
        { id: 'T-1', required: ['T-0 (the base)'] },
        { id: 'T-0', state: 'completed' },
      ],
      {},
      'auth/T-1',
    ],
    [
      'complete in another project only',
      [
        { id: 'T-1', required: ['T-0'] },
        { project: 'b', id: 'T-0', state: 'completed' },
      ],
      {},
      'refused',
    ],
    ['a remark without id is no gate', [{ id: 'T-1', required: ['Note: only after the MVP'] }], {}, 'auth/T-1'],
    ['status blocked', [{ id: 'T-1', status: 'blocked' }], {}, 'refused'],
    ['status pending', [{ id: 'T-1', status: 'pending' }], {}, 'refused'],
    [
      'an unreadable one is passed over',
      [{ id: 'T-1', priority: 9, unreadable: 'bad' }, { id: 'T-2' }],
      {},
      'auth/T-2',
    ],
    [
      'by project',
      [
        { id: 'T-1', priority: 9 },
        { project: 'pay', id: 'T-7' },
      ],
      { project: 'pay' },
      'pay/T-7',
    ],
    ['by least priority', [{ id: 'T-1', priority: 4 }], { minPriority: 5 }, 'refused'],
    [
      'by greatest priority',
      [
        { id: 'T-1', priority: 9 },
        { id: 'T-2', priority: 4 },
      ],
      { maxPriority: 5 },
      'auth/T-2',
    ],
    [
      'by type',
      [
        { id: 'T-1', priority: 9 },
        { id: 'T-2', type: 'docs' },
      ],
      { type: 'docs' },
      'auth/T-2',
    ],
    ['in two states at once', [{ id: 'T-1' }, { id: 'T-1', state: 'completed' }], {}, 'refused'],
  ])('%s', (_, specs, filter, expected) => {
    expect(claimed(only(decide(snapshotOf(specs), [claim('a1', filter)], NOW)))).toBe(expected);
  });

  it('prefers a project, then takes from anywhere', () => {
    const snapshot = snapshotOf([
      { id: 'T-1', priority: 9 },
      { project: 'pay', id: 'T-7' },
    ]);
    const intents = [1, 2, 3].map((n) => claim(`a${n}`, {}, { prefer: 'pay' }));
    expect(decide(snapshot, intents, NOW).decisions.map(claimed)).toEqual(['pay/T-7', 'auth/T-1', 'refused']);
  });

  it('gives many agents a task each, in order, and tells the rest why there is none', () => {
    const snapshot = snapshotOf([
      { id: 'T-1' },
      { id: 'T-2', priority: 6 },
      { id: 'T-3', required: ['T-1'] },
      { id: 'T-4', required: ['T-1', 'T-2'] },
      { id: 'T-5', status: 'blocked' },
      { id: 'T-6', unreadable: 'bad' },
    ]);
    const plan = decide(snapshot, [claim('a1'), claim('a2'), claim('a3')], NOW);
    expect(plan.decisions.map(claimed)).toEqual(['auth/T-2', 'auth/T-1', 'refused']);
    expect(plan.commits).toHaveLength(2);
    expect(plan.decisions[2]).toMatchObject({
      refusal: {
        code: 'nothing-claimable',
        why: {
          waiting: 2,
          mostWaitedFor: { dependency: 'auth/T-1', waiting: 2 },
          otherStatus: { blocked: 1 },
          claimed: 2,
          completed: 0,
          unreadable: 1,
          inTwoStates: 0,
          filteredOut: 0,
        },
      },
    });
  });

  it.each<[string, readonly TaskSpec[], string, string]>([
    ['absent', [], 'unknown-task', 'no task T-1'],
    ['claimed', [{ id: 'T-1', ...held('b') }], 'nothing-claimable', 'auth/T-1 is claimed by b'],
    ['completed', [{ id: 'T-1', state: 'completed' }], 'nothing-claimable', 'auth/T-1 is completed'],
    ['blocked', [{ id: 'T-1', status: 'blocked' }], 'nothing-claimable', 'has status blocked'],
    ['waiting', [{ id: 'T-1', required: ['T-0', 'T-9'] }], 'nothing-claimable', 'waits for T-0, T-9'],
    ['unreadable', [{ id: 'T-1', unreadable: 'is empty' }], 'task-unreadable', 'tasks/T-1.toon:3: is empty'],
    ['in two projects', [{ id: 'T-1' }, { project: 'b', id: 'T-1' }], 'ambiguous-task', 'auth/T-1, b/T-1'],
    ['in two states', [{ id: 'T-1' }, { id: 'T-1', state: 'claimed' }], 'task-in-two-states', 'claimed/T-1.toon'],
  ])('of a named task that is %s', (_, specs, code, words) => {
    const decision = only(decide(snapshotOf(specs), [claim('a1', {}, { task: { id: 'T-1' } })], NOW));
    expect(decision).toMatchObject({ kind: 'refused', refusal: { code } });
    expect(decision.kind === 'refused' && decision.refusal.message).toContain(words);
  });
});
