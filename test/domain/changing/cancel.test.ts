import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { CancelIntent, UnblockIntent } from '../../../src/domain/intents/intent.ts';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { claim, held, NOW, only } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const gone: Partial<TaskSpec> = { status: 'cancelled' };

function cancel(id: string, extra: Partial<CancelIntent> = {}): CancelIntent {
  return { kind: 'cancel', request: 'aaaaaa', agent: 'Zoë Doe', task: { id }, reason: 'no longer needed', ...extra };
}

function decided(specs: readonly TaskSpec[], intent: CancelIntent) {
  const plan = decide(snapshotOf(specs), [intent], NOW);
  return { ...only(plan), commits: plan.commits };
}

/** Names of the tasks that change, with what becomes of them. */
function changes(specs: readonly TaskSpec[], intent: CancelIntent): string[] {
  const { commits } = decided(specs, intent);
  return commits.flatMap(({ tasks }) =>
    tasks.map(
      ({ key, edits }) => `${key.id} ${edits.map((edit) => ('status' in edit ? edit.status : edit.kind)).join(' ')}`,
    ),
  );
}

describe('cancel', () => {
  it('is one commit with the reason, which the file has too', () => {
    const { commits, ...decision } = decided([{ id: 'T-1' }], cancel('T-1'));
    expect(commits).toMatchObject([
      {
        subject: '[AGENT-CANCEL] Zoë Doe cancelled auth/T-1',
        body: 'no longer needed',
        author: 'Zoë Doe',
        trailers: [
          { key: 'Agentq-Task', value: 'auth/T-1' },
          { key: 'Agentq-Agent', value: 'Zoë Doe' },
          { key: 'Agentq-Request', value: 'aaaaaa' },
          { key: 'Agentq-Reason', value: 'no longer needed' },
        ],
        tasks: [
          {
            edits: [
              {
                kind: 'append-cancellation',
                cancellation: {
                  cancelledAt: '2026-03-01T12:00:00Z',
                  cancelledBy: 'Zoë Doe',
                  reason: 'no longer needed',
                },
              },
              { kind: 'set-status', status: 'cancelled' },
            ],
          },
        ],
      },
    ]);
    expect(decision).toMatchObject({ outcome: { tasks: [{ view: { state: 'cancelled', status: 'cancelled' } }] } });
  });

  it.each<[string, TaskSpec, string]>([
    ['claimed', { id: 'T-1', ...held('a1') }, 'auth/T-1 is claimed by a1'],
    ['completed', { id: 'T-1', state: 'completed' }, 'auth/T-1 is completed, and what is done is not cancelled'],
  ])('refuses a task that is %s, and none of the others changes', (_, spec, message) => {
    const { commits, ...decision } = decided([spec, { id: 'T-2' }], cancel('T-2', { more: [{ id: 'T-1' }] }));
    expect(decision).toMatchObject({ kind: 'refused', refusal: { code: 'task-invalid', message } });
    expect(commits).toEqual([]);
  });

  it('changes nothing the second time', () => {
    expect(decided([{ id: 'T-1', ...gone }], cancel('T-1'))).toMatchObject({ kind: 'unchanged', commits: [] });
  });

  const chain: readonly TaskSpec[] = [
    { id: 'T-1' },
    { id: 'T-2', required: ['T-1 (the base)'], status: 'blocked' },
    { id: 'T-3', required: ['T-2', 'T-5'], status: 'blocked' },
    { project: 'pay', id: 'P-1', required: ['auth/T-1'], status: 'blocked' },
    { id: 'T-4', required: ['T-1'], state: 'completed' },
    { id: 'T-5', state: 'completed' },
    { id: 'T-6', required: ['T-1'], ...gone },
  ];

  it('names all open tasks that wait for it in the end', () => {
    expect(decided(chain, cancel('T-1'))).toMatchObject({
      kind: 'refused',
      refusal: {
        code: 'task-invalid',
        message: 'auth/T-1 is required by auth/T-2, auth/T-3, pay/P-1',
        hint: expect.stringContaining('--cascade'),
      },
    });
    expect(changes(chain, cancel('T-1', { more: [{ id: 'T-2' }, { id: 'T-3' }, { id: 'P-1' }] }))).toHaveLength(4);
  });

  it('cancels these too by --cascade, unless somebody works on one', () => {
    const all = ['T-1', 'T-2', 'T-3', 'P-1'].map((id) => `${id} append-cancellation cancelled`);
    expect(changes(chain, cancel('T-1', { dependants: 'cascade' }))).toEqual(all);
    const { commits, ...decision } = decided(chain, cancel('T-1', { dependants: 'cascade' }));
    expect(commits[0]?.subject).toBe('[AGENT-CANCEL] Zoë Doe cancelled 4 tasks');
    expect(decision).toMatchObject({ outcome: { tasks: [{}], cascaded: [{}, {}, {}] } });
    const busy = chain.map((spec) => (spec.id === 'T-3' ? { ...spec, ...held('a7') } : spec));
    expect(decided(busy, cancel('T-1', { dependants: 'cascade' }))).toMatchObject({
      refusal: { message: 'auth/T-3 is claimed by a7, and requires auth/T-1' },
    });
  });

  it('takes the requirement out by --detach, and opens what waits for nothing else', () => {
    const specs: readonly TaskSpec[] = [
      ...chain,
      { id: 'T-7', required: ['T-1', 'T-2'], status: 'blocked' },
      { id: 'T-8', required: ['T-1'], status: 'blocked', blockedReason: 'by a person' },
      { id: 'T-9', required: ['T-1'], ...held('a1') },
    ];
    expect(changes(specs, cancel('T-1', { dependants: 'detach' }))).toEqual([
      'T-1 append-cancellation cancelled',
      'T-2 drop-requirements ready',
      'T-7 drop-requirements',
      'T-8 drop-requirements',
      'T-9 drop-requirements',
      'P-1 drop-requirements ready',
    ]);
    const [{ tasks = [], trailers = [] } = {}] = decided(specs, cancel('T-1', { dependants: 'detach' })).commits;
    expect(tasks.at(-1)?.edits[0]).toEqual({ kind: 'drop-requirements', ids: ['auth/T-1'] });
    expect(trailers).toContainEqual({ key: 'Agentq-Unblocked', value: 'pay/P-1' });
    expect(trailers).toContainEqual({ key: 'Agentq-Detached', value: 'auth/T-9' });
    // Also where somebody cancelled it by hand before.
    const byHand = specs.map((spec) => (spec.id === 'T-1' ? { ...spec, ...gone } : spec));
    expect(changes(byHand, cancel('T-1', { dependants: 'detach' }))).toContain('T-2 drop-requirements ready');
  });

  it('opens what waited for a share of a batch that is smaller now', () => {
    const specs: readonly TaskSpec[] = [
      { id: 'T-1', batch: 'base', state: 'completed' },
      { id: 'T-2', batch: 'base' },
      { id: 'T-3', status: 'pending', holdUntil: 'all of base' },
      { id: 'T-4', status: 'pending', holdUntil: 'all of base', required: ['T-9'] },
      { id: 'T-5', status: 'blocked', required: ['T-1'] },
    ];
    expect(changes(specs, cancel('T-2'))).toEqual(['T-2 append-cancellation cancelled', 'T-3 ready']);
  });

  it('is seen by claims of the same group, and unblock does not undo it', () => {
    const specs: readonly TaskSpec[] = [{ id: 'T-1' }, { id: 'T-2' }];
    const free: UnblockIntent = { kind: 'unblock', request: 'u1', agent: 'o', task: { id: 'T-1' } };
    const plan = decide(snapshotOf(specs), [claim('a1'), cancel('T-1'), free, claim('a2')], NOW);
    expect(plan.decisions).toMatchObject([
      { outcome: { key: { id: 'T-2' } } },
      { outcome: { kind: 'cancelled' } },
      { kind: 'refused', refusal: { code: 'task-invalid', hint: expect.stringContaining('agentq reopen auth/T-1') } },
      { kind: 'refused' },
    ]);
  });

  it.each<[Partial<CancelIntent>, boolean]>([
    [{ dependants: 'detach', more: [{ project: 'pay', id: 'P-1' }] }, true],
    [{ reason: 'a\nb' }, false],
    [{ reason: '' }, false],
    [{ agent: 'a: b' }, false],
    [{ task: { id: '../x' } }, false],
    [{ dependants: 'all' as 'detach' }, false],
  ])('comes from other processes only as what a command line may say: %j', (extra, isTaken) => {
    expect(parseIntent(cancel('T-1', extra)) !== undefined).toBe(isTaken);
  });
});
