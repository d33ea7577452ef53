import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { BlockIntent, ReopenIntent, UnblockIntent } from '../../../src/domain/intents/intent.ts';
import { held, NOW, only } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

function reopen(id: string, ...more: readonly string[]): ReopenIntent {
  return {
    kind: 'reopen',
    request: 'aaaaaa',
    agent: 'a1',
    task: { id },
    ...(more.length === 0 ? {} : { more: more.map((one) => ({ id: one })) }),
  };
}

function block(id: string, reason = 'waits for the bank'): BlockIntent {
  return { kind: 'block', request: 'bbbbbb', agent: 'a1', task: { id }, reason };
}

function decided(specs: readonly TaskSpec[], intent: ReopenIntent | BlockIntent | UnblockIntent) {
  const plan = decide(snapshotOf(specs), [intent], NOW);
  return { ...only(plan), commits: plan.commits };
}

function changes(specs: readonly TaskSpec[], intent: ReopenIntent): string[] {
  return decided(specs, intent).commits.flatMap(({ tasks }) =>
    tasks.map(({ key, from, to, edits }) => {
      const what = edits.map((edit) => ('status' in edit ? edit.status : edit.kind)).join(' ');
      return `${key.id} ${from}-${to} ${what}`;
    }),
  );
}

const done: Partial<TaskSpec> = { ...held('a1'), state: 'completed', completion: { completedBy: 'a1' } };

describe('reopen', () => {
  it('moves a completed task back, without the end of its life and what was counted', () => {
    const failures = { count: 2, last: [{ at: '2026-03-01T11:00:00Z', agent: 'a1', reason: 'x' }] };
    const { commits, ...decision } = decided([{ id: 'T-1', ...done, stalls: 2, failures }], reopen('T-1'));
    expect(commits).toMatchObject([
      {
        subject: '[AGENT-REOPEN] a1 reopened auth/T-1',
        tasks: [{ from: 'completed', to: 'ready', toPath: '.agents/auth/tasks/T-1.toon' }],
        files: [{ path: '.agents/auth/tasks/.agentq-stalls', content: undefined }],
      },
    ]);
    expect(decision).toMatchObject({
      outcome: { tasks: [{ view: { state: 'ready', claim: null, completion: null, failures: 0, stalls: 0 } }] },
    });
  });

  it('blocks it where it waits, whatever older scripts wrote into its status', () => {
    const specs: readonly TaskSpec[] = [
      { id: 'T-1' },
      { id: 'T-2', ...done, status: 'completed' },
      { id: 'T-3', ...done, status: 'claimed', required: ['T-1'], blockedReason: 'old' },
    ];
    expect(changes(specs, reopen('T-2', 'T-3'))).toEqual([
      'T-2 completed-ready remove-endings ready',
      'T-3 completed-ready remove-endings blocked set-blocked-reason',
    ]);
  });

  it('lets what its completion opened wait again, and names what is beyond that', () => {
    const specs: readonly TaskSpec[] = [
      { id: 'T-1', ...done, batch: 'base' },
      { id: 'T-2', required: ['T-1'] },
      { id: 'T-3', required: ['T-1', 'T-2'] },
      { id: 'T-4', holdUntil: 'all of base' },
      { id: 'T-5', ...held('a2'), required: ['T-1'] },
      { id: 'T-6', ...done, required: ['T-1'] },
      { id: 'T-7', required: ['T-6'] },
      { project: 'pay', id: 'P-1', required: ['auth/T-1'] },
    ];
    expect(changes(specs, reopen('T-1'))).toEqual([
      'T-1 completed-ready remove-endings',
      'T-2 ready-ready blocked',
      'T-4 ready-ready blocked',
      'P-1 ready-ready blocked',
    ]);
    const ids = (tasks: readonly { readonly key: { readonly id: string } }[]): string[] =>
      tasks.map(({ key }) => key.id);
    const decision = decided(specs, reopen('T-1'));
    if (decision.kind === 'refused' || decision.outcome.kind !== 'reopened') throw new Error('not reopened');
    expect(ids(decision.outcome.untouched)).toEqual(['T-5', 'T-6']);
    // Both at once: what requires the other waits for it.
    expect(changes(specs, reopen('T-1', 'T-6'))).toContain('T-6 completed-ready remove-endings blocked');
  });

  it.each<[string, Partial<TaskSpec>, string]>([
    ['ready', {}, 'restore-status remove-cancellation'],
    ['ready, with a requirement that is open', { required: ['T-9'] }, 'restore-status remove-cancellation blocked'],
    ['waiting', { cancellation: { before: 'blocked' }, required: ['T-9'] }, 'restore-status remove-cancellation'],
    [
      'waiting for what came since',
      { cancellation: { before: 'pending' }, required: ['T-8'] },
      'restore-status remove-cancellation ready',
    ],
    [
      'blocked by a person',
      { cancellation: { before: 'blocked' }, blockedReason: 'x' },
      'restore-status remove-cancellation',
    ],
  ])('makes a cancelled task what it was: %s', (_, spec, edits) => {
    const specs: readonly TaskSpec[] = [
      { id: 'T-1', status: 'cancelled', ...spec },
      { id: 'T-8', ...done },
      { id: 'T-9' },
    ];
    expect(changes(specs, reopen('T-1'))).toEqual([`T-1 ready-ready ${edits}`]);
  });

  it.each<[string, Partial<TaskSpec>, unknown]>([
    ['ready', {}, { kind: 'unchanged' }],
    ['waiting', { status: 'blocked', required: ['T-9'] }, { kind: 'unchanged' }],
    ['claimed', held('a2'), { refusal: { code: 'task-invalid', hint: expect.stringContaining('agentq release') } }],
    [
      'blocked',
      { status: 'blocked', blockedReason: 'x' },
      { refusal: { hint: expect.stringContaining('unblock --task') } },
    ],
    ['asking', { status: 'asking' }, { refusal: { hint: expect.stringContaining('agentq answer') } }],
  ])('leaves an open task as it is: %s', (_, spec, expected) => {
    expect(decided([{ id: 'T-1', ...spec }], reopen('T-1'))).toMatchObject({ ...(expected as object), commits: [] });
  });
});

describe('block', () => {
  it('keeps the task until it is freed by name', () => {
    const { commits, ...decision } = decided([{ id: 'T-1' }], block('T-1'));
    expect(commits).toMatchObject([
      {
        subject: '[AGENT-BLOCK] a1 blocked auth/T-1',
        body: 'waits for the bank',
        tasks: [
          {
            edits: [
              { kind: 'set-status', status: 'blocked' },
              { kind: 'set-blocked-reason', reason: 'waits for the bank' },
            ],
          },
        ],
      },
    ]);
    expect(decision).toMatchObject({ outcome: { tasks: [{ view: { state: 'blocked' } }] } });
    const blocked: TaskSpec = { id: 'T-1', status: 'blocked', blockedReason: 'waits for the bank' };
    expect(decided([blocked], block('T-1'))).toMatchObject({ kind: 'unchanged' });
    expect(decided([blocked], block('T-1', 'another reason'))).toMatchObject({ kind: 'change' });
    const more = [{ id: 'T-2' }, { id: 'T-3' }];
    const free: UnblockIntent = { kind: 'unblock', request: 'u', agent: 'o', task: { id: 'T-1' }, more };
    const specs = [blocked, { ...blocked, id: 'T-2', required: ['T-9'] }, { id: 'T-3', ...held('a1') }];
    expect(decided(specs, free)).toMatchObject({
      outcome: { tasks: [{ key: { id: 'T-1' } }, { key: { id: 'T-2' } }], waits: { key: { id: 'T-2' }, for: ['T-9'] } },
    });
  });

  it.each<[string, Partial<TaskSpec>, string]>([
    ['claimed', held('a2'), 'agentq release auth/T-1 a2'],
    ['completed', { state: 'completed' }, 'agentq reopen auth/T-1'],
    ['cancelled', { status: 'cancelled' }, 'agentq reopen auth/T-1'],
    ['asking', { status: 'asking' }, 'agentq answer auth/T-1'],
  ])('refuses a task that is %s, with what helps', (_, spec, hint) => {
    expect(decided([{ id: 'T-1', ...spec }], block('T-1'))).toMatchObject({
      refusal: { code: 'task-invalid', hint: expect.stringContaining(hint) },
      commits: [],
    });
  });
});
