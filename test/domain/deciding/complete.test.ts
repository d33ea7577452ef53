import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { CompleteIntent } from '../../../src/domain/intents/intent.ts';
import type { CompletedOutcome } from '../../../src/domain/intents/outcome.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00.750Z');

const held: Partial<TaskSpec> = {
  state: 'claimed',
  claim: { claimedBy: 'a1', claimedAt: '2026-03-01T11:50:00Z', lastHeartbeat: '2026-03-01T11:50:00Z', claimId: 'c1' },
};

function complete(id: string, extra: Partial<CompleteIntent> = {}): CompleteIntent {
  return { kind: 'complete', request: 'r1', agent: 'a1', task: { id }, ...extra };
}

function outcomeOf(specs: readonly TaskSpec[], intent: CompleteIntent): CompletedOutcome {
  const [decision] = decide(snapshotOf(specs), [intent], NOW).decisions;
  if (decision?.kind === 'refused') throw new Error(decision.refusal.message);
  if (decision?.outcome.kind !== 'completed') throw new Error('not completed');
  return decision.outcome;
}

function unblockedBy(specs: readonly TaskSpec[], id = 'T-1'): string[] {
  return outcomeOf(specs, complete(id)).unblocked.map(({ key }) => formatKey(key));
}

describe('complete', () => {
  it('moves the task, says by whom, and opens what waited, in one commit', () => {
    const specs: TaskSpec[] = [
      { id: 'T-1', ...held },
      { id: 'T-10', status: 'blocked', required: ['T-1'] },
      { id: 'T-2', status: 'pending', required: ['T-1 (the base)', 'T-0'] },
      { id: 'T-0', state: 'completed' },
    ];
    const prUrl = 'https://example.com/pull/7';
    const plan = decide(snapshotOf(specs), [complete('T-1', { prUrl })], NOW);
    expect(plan.commits).toEqual([
      {
        subject: '[AGENT-COMPLETE] a1 completed auth/T-1',
        author: 'a1',
        trailers: [
          { key: 'Agentq-Task', value: 'auth/T-1' },
          { key: 'Agentq-Agent', value: 'a1' },
          { key: 'Agentq-Request', value: 'r1' },
          { key: 'Agentq-Unblocked', value: 'auth/T-2' },
          { key: 'Agentq-Unblocked', value: 'auth/T-10' },
        ],
        tasks: [
          {
            key: { project: 'auth', id: 'T-1' },
            from: 'claimed',
            to: 'completed',
            fromPath: '.agents/auth/claimed/T-1.toon',
            toPath: '.agents/auth/completed/T-1.toon',
            edits: [
              {
                kind: 'append-completion',
                completion: { completedAt: '2026-03-01T12:00:00Z', completedBy: 'a1', prUrl },
              },
            ],
            stalls: 0,
          },
          ...['T-2', 'T-10'].map((id) => ({
            key: { project: 'auth', id },
            from: 'ready',
            to: 'ready',
            fromPath: `.agents/auth/tasks/${id}.toon`,
            toPath: `.agents/auth/tasks/${id}.toon`,
            edits: [{ kind: 'set-status', status: 'ready' }],
          })),
        ],
        files: [],
      },
    ]);
    expect(plan.decisions[0]).toMatchObject({
      outcome: { kind: 'completed', claimId: 'c1', prUrl, path: '.agents/auth/completed/T-1.toon' },
    });
  });

  it.each<[string, TaskSpec, readonly string[]]>([
    ['another dependency is missing', { id: 'T-2', status: 'blocked', required: ['T-1', 'T-9'] }, []],
    ['the dependency is of another project', { project: 'pay', id: 'T-2', status: 'blocked', required: ['T-1'] }, []],
    [
      'the dependency names its project',
      { project: 'pay', id: 'T-2', status: 'blocked', required: ['auth/T-1'] },
      ['pay/T-2'],
    ],
    ['the dependency names another project', { id: 'T-2', status: 'blocked', required: ['pay/T-1'] }, []],
    [
      'it waits for the batch of another project',
      { project: 'pay', id: 'T-2', status: 'pending', holdUntil: 'all of x' },
      [],
    ],
    ['it blocks, and does not require', { id: 'T-2', status: 'blocked', blocks: ['T-1'] }, []],
    ['it did not wait for this one', { id: 'T-2', status: 'blocked', required: ['T-0'] }, []],
    ['it requires nothing', { id: 'T-2', status: 'blocked' }, []],
    ['it is ready by status already', { id: 'T-2', required: ['T-1'] }, []],
    ['its status is somebody else’s word', { id: 'T-2', status: 'draft', required: ['T-1'] }, []],
    ['it stalled too often', { id: 'T-2', status: 'blocked', required: ['T-1'], blockedReason: 'stalled' }, []],
    ['it is claimed', { id: 'T-2', status: 'blocked', required: ['T-1'], state: 'claimed' }, []],
    ['it is unreadable', { id: 'T-2', unreadable: 'bad' }, []],
    [
      'an entry of its list is a remark',
      { id: 'T-2', status: 'blocked', required: ['Note: soon', 'T-1'] },
      ['auth/T-2'],
    ],
  ])('opens a task where %s: %o', (_, spec, opened) => {
    expect(unblockedBy([{ id: 'T-1', ...held }, { id: 'T-0', state: 'completed' }, spec])).toEqual(opened);
  });

  it('leaves a task alone that is in two folders at once', () => {
    const twice: TaskSpec = { id: 'T-2', status: 'blocked', required: ['T-1'] };
    expect(unblockedBy([{ id: 'T-1', ...held }, twice, { ...twice, state: 'claimed' }])).toEqual([]);
  });

  it('takes the completed task out of the ledger, and only that one', () => {
    const specs: TaskSpec[] = [
      { id: 'T-1', ...held, stalls: 2 },
      { id: 'T-2', stalls: 1 },
      { project: 'pay', id: 'T-1', stalls: 3 },
    ];
    const task = { project: 'auth', id: 'T-1' };
    const [commit] = decide(snapshotOf(specs), [complete('T-1', { task })], NOW).commits;
    expect(commit?.files).toEqual([{ path: '.agents/auth/tasks/.agentq-stalls', content: 'T-2 1\n' }]);
    const [alone] = decide(snapshotOf(specs.slice(0, 1)), [complete('T-1')], NOW).commits;
    expect(alone?.files).toEqual([{ path: '.agents/auth/tasks/.agentq-stalls', content: undefined }]);
  });
});

describe('a batch', () => {
  const batch = 'foundation';
  const done = (id: string): TaskSpec => ({ id, state: 'completed', batch });
  const hold: TaskSpec = { id: 'H-1', status: 'pending', holdUntil: '80% of foundation' };

  it.each<[string, readonly TaskSpec[], readonly string[]]>([
    ['3 of 5 are complete', [done('T-2'), done('T-3'), { id: 'T-4', batch }, { id: 'T-5', batch }, hold], []],
    ['4 of 5 are complete', [done('T-2'), done('T-3'), done('T-4'), { id: 'T-5', batch }, hold], ['auth/H-1']],
    [
      'a dependency is missing beside',
      [done('T-2'), done('T-3'), done('T-4'), { id: 'T-5', batch }, { ...hold, required: ['T-5'] }],
      [],
    ],
    ['it belongs to another project', [{ ...hold, project: 'pay' }], []],
    ['nobody understands the condition', [{ ...hold, holdUntil: 'when foundation is done' }], []],
    ['somebody blocked it beside', [{ ...hold, blockedReason: 'no budget' }], []],
    [
      'it waits for another batch',
      [
        { ...hold, holdUntil: '1% of core' },
        { id: 'T-9', batch: 'core' },
      ],
      [],
    ],
    ['the last one completes it', [hold], ['auth/H-1']],
  ])('when %s', (_, specs, opened) => {
    expect(unblockedBy([{ id: 'T-1', batch, ...held }, ...specs])).toEqual(opened);
  });

  it('is not asked by tasks that are not held', () => {
    expect(
      unblockedBy([
        { id: 'T-1', batch, ...held },
        { id: 'T-2', status: 'blocked', batch, required: ['T-1'] },
      ]),
    ).toEqual(['auth/T-2']);
  });
});

describe('completing again', () => {
  const completed: TaskSpec = {
    ...held,
    id: 'T-1',
    state: 'completed',
    completion: { completedBy: 'a1', completedAt: '2026-03-01T11:59:00Z', prUrl: 'https://example.com/1' },
  };

  it('is a success that changes nothing', () => {
    const plan = decide(snapshotOf([completed]), [complete('T-1', { claimId: 'c1' })], NOW);
    expect(plan.commits).toEqual([]);
    expect(plan.decisions[0]).toMatchObject({
      kind: 'unchanged',
      outcome: { completedAt: '2026-03-01T11:59:00Z', prUrl: 'https://example.com/1', claimId: 'c1', unblocked: [] },
    });
  });

  it('in the same batch too', () => {
    const plan = decide(
      snapshotOf([{ id: 'T-1', ...held }]),
      [complete('T-1'), complete('T-1', { request: 'r2' })],
      NOW,
    );
    expect(plan.decisions.map(({ kind }) => kind)).toEqual(['change', 'unchanged']);
    expect(plan.commits).toHaveLength(1);
  });

  it.each<[string, TaskSpec, Partial<CompleteIntent>, string]>([
    ['without a claim id', completed, {}, 'unchanged'],
    ['by another claim', completed, { claimId: 'c2' }, 'claim-lost'],
    ['by another agent', completed, { agent: 'a2' }, 'claim-lost'],
    ['of a file an older script moved', { id: 'T-1', state: 'completed', claim: { claimedBy: 'a1' } }, {}, 'unchanged'],
    ['of a file that names nobody', { id: 'T-1', state: 'completed' }, {}, 'claim-lost'],
    ['of a file nobody can read', { id: 'T-1', state: 'completed', unreadable: 'bad' }, {}, 'task-unreadable'],
  ])('%s', (_, spec, extra, expected) => {
    const [decision] = decide(snapshotOf([spec]), [complete('T-1', extra)], NOW).decisions;
    expect(decision?.kind === 'refused' ? decision.refusal.code : decision?.kind).toBe(expected);
  });
});
