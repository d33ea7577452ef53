import { describe, expect, it } from 'vitest';
import { addIntent, idsOf, planOf, refusalOf } from '../../kit/queues/new-tasks.ts';
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

  it('may be named in needs, where every other word is a capability', () => {
    const needs = (...words: string[]) => ({ rest: { task: { needs: words } } });
    const { plan } = planOf(
      snapshotOf([{ id: 'setup' }, { id: 'TASK-001' }]),
      addIntent([
        { ref: 'api', ...needs('gpu (A100)', 'setup', 'form', 'TASK-001') },
        { ref: 'form', ...needs('docker') },
      ]),
    );
    const created = plan.commits[0]?.created ?? [];
    expect(created.map(({ document: { task, dependencies } }) => [task, dependencies])).toMatchObject([
      [{ status: 'blocked', needs: ['gpu (A100)'] }, { required: ['setup', 'TASK-003', 'TASK-001'] }],
      [{ status: 'ready', needs: ['docker'] }, { required: [] }],
    ]);
    expect(created.map(({ entry: { reading } }) => (reading.kind === 'read' ? reading.task.needs : []))).toMatchObject([
      [{ id: 'gpu', text: 'gpu (A100)' }],
      [{ id: 'docker' }],
    ]);
    expect(refusalOf(snapshotOf([{ id: 'TASK-001' }]), addIntent([needs('TASK-099')]))).toContain('no such task');
  });

  it('leave an id free that one of them names', () => {
    const tasks = Array.from({ length: 7 }, () => ({ project: 'auth' }));
    expect(idsOf(snapshotOf(there), addIntent(tasks)).slice(-2)).toEqual(['TASK-008', 'TASK-010']);
  });
});
