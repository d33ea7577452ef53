import { describe, expect, it } from 'vitest';
import { addIntent, idsOf, planOf } from '../../kit/queues/new-tasks.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

describe('tasks of other projects', () => {
  const there: TaskSpec[] = [
    { id: 'TASK-001', state: 'completed' },
    { id: 'TASK-002' },
    { project: 'billing', id: 'TASK-001', required: ['auth/TASK-009'] },
  ];

  it('are required by their names, by refs of the same input, and by given ids', () => {
    const { plan } = planOf(
      snapshotOf(there),
      addIntent(
        [
          { ref: 'form', required: ['api (the REST part)', 'billing/TASK-001'], blocks: ['api'] },
          { ref: 'api', project: 'billing', required: ['auth/TASK-001', 'auth/TASK-002'] },
          { id: 'X-1', project: 'billing', required: ['auth/form', 'api'] },
          { project: 'billing', required: ['auth/TASK-001'] },
        ],
        { project: 'auth' },
      ),
    );
    const created = plan.commits[0]?.created ?? [];
    expect(created.map(({ document: { task, dependencies } }) => [task, dependencies])).toMatchObject([
      [
        { id: 'TASK-003', status: 'blocked' },
        { required: ['billing/TASK-002 (the REST part)', 'billing/TASK-001'], blocks: ['billing/TASK-002'] },
      ],
      [{ id: 'TASK-002', status: 'blocked' }, { required: ['auth/TASK-001', 'auth/TASK-002'] }],
      [{ id: 'X-1', status: 'blocked' }, { required: ['auth/TASK-003', 'TASK-002'] }],
      [{ id: 'TASK-003', status: 'ready' }, { required: ['auth/TASK-001'] }],
    ]);
  });

  it('leave an id free that one of them names', () => {
    const tasks = Array.from({ length: 7 }, () => ({ project: 'auth' }));
    expect(idsOf(snapshotOf(there), addIntent(tasks)).slice(-2)).toEqual(['TASK-008', 'TASK-010']);
  });
});
