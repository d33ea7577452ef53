import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { validate } from '../../../src/domain/defects/validate.ts';
import { percentOf, statsOf } from '../../../src/domain/figures/queue-stats.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import type { ListEdit } from '../../../src/domain/queue/edit.ts';
import { claim, complete, held, NOW, only } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

/** A task that somebody has cancelled, by a command or by hand. */
const gone: Partial<TaskSpec> = { status: 'cancelled', cancellation: { reason: 'no longer needed' } };

describe('a cancelled task', () => {
  it.each<Partial<TaskSpec>>([gone, { status: 'cancelled' }, { status: 'canceled' }])(
    'is never offered, and never complete for what requires it: %j',
    (how) => {
      const specs = [
        { id: 'T-1', ...how },
        { id: 'T-2', required: ['T-1'] },
        { id: 'T-3', required: ['T-1'], status: 'blocked' },
      ];
      expect(only(decide(snapshotOf(specs), [claim('a1')], NOW))).toMatchObject({
        kind: 'refused',
        refusal: {
          message:
            'nothing to claim: 1 waits for dependencies, 1 blocked, 1 cancelled; most waited for: auth/T-1 (by 2)',
        },
      });
      const unblock = { kind: 'unblock', request: 'u1', agent: 'o' } as const;
      expect(only(decide(snapshotOf(specs), [unblock], NOW))).toMatchObject({ kind: 'unchanged' });
      const findings = validate(snapshotOf(specs), NOW).filter(({ code }) => code === 'never-claimable');
      expect(findings.map(({ severity, file }) => [severity, file])).toEqual([
        ['note', '.agents/auth/tasks/T-2.toon'],
        ['note', '.agents/auth/tasks/T-3.toon'],
      ]);
      expect(findings[0]?.message).toContain('T-2 can never be claimed: it waits for T-1, which is cancelled');
    },
  );

  it('says why it cannot be claimed where it is named, and where a chain ends with it', () => {
    const specs = [
      { id: 'T-1', ...gone, required: ['T-9'] },
      { id: 'T-2', required: ['T-1'] },
      { id: 'T-3', required: ['T-2'] },
    ];
    const refusal = (id: string): unknown => only(decide(snapshotOf(specs), [claim('a1', {}, { task: { id } })], NOW));
    expect(refusal('T-1')).toMatchObject({ refusal: { message: 'auth/T-1 is cancelled: no longer needed' } });
    expect(refusal('T-3')).toMatchObject({
      refusal: { message: 'auth/T-3 waits for T-2, which waits for auth/T-1, which is cancelled' },
    });
  });

  it('does not count in the progress of its batch, nor of its project', () => {
    const specs: TaskSpec[] = [
      { id: 'T-1', ...held('a1'), batch: 'base' },
      { id: 'T-2', ...gone, batch: 'base' },
      { id: 'T-3', status: 'pending', holdUntil: 'all of base' },
    ];
    const { projects, all } = statsOf(snapshotOf(specs), NOW);
    expect(all).toMatchObject({ total: 3, cancelled: 1, blocked: 0, held: 1 });
    expect(projects[0]?.batches).toMatchObject([{ batch: 'base', completed: 0, total: 1 }]);
    expect(percentOf({ completed: 0, total: 0 })).toBe(0);
    expect(only(decide(snapshotOf(specs), [complete('a1', 'T-1')], NOW))).toMatchObject({
      outcome: { unblocked: [{ key: { id: 'T-3' } }] },
    });
    // A batch of which nothing is left is not complete: only a person knows what becomes of what waited for it.
    const [, cancelled, waiting] = specs;
    const left = [cancelled, waiting].flatMap((spec) => spec ?? []);
    expect(statsOf(snapshotOf(left), NOW).all.held).toBe(1);
  });
});

it('what is cancelled cannot be required anew, by an edit or by a new task', () => {
  const specs: readonly TaskSpec[] = [
    { id: 'T-1', ...gone },
    { id: 'T-2' },
    { id: 'T-3', required: ['T-1'], status: 'blocked' },
  ];
  const decided = (intent: Intent): unknown => only(decide(snapshotOf(specs), [intent], NOW));
  const edit = (id: string, requires: ListEdit): Intent => ({
    kind: 'edit',
    request: 'r1',
    agent: 'a1',
    task: { id },
    edits: { requires },
  });
  const refusal = { code: 'task-invalid', message: expect.stringContaining('auth/T-1 is cancelled') };
  expect(decided(edit('T-2', { add: ['T-1'] }))).toMatchObject({ kind: 'refused', refusal });
  expect(decided(edit('T-3', { add: ['T-2'] }))).toMatchObject({ kind: 'change' });
  const task = { title: 'x', criteria: [], required: ['T-1'], blocks: [], labels: {}, rest: {} };
  const add: Intent = { kind: 'add', request: 'r1', agent: 'a1', project: 'auth', tasks: [task] };
  expect(decided(add)).toMatchObject({ kind: 'refused', refusal: { message: refusal.message } });
});
