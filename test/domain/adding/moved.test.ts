import { describe, expect, it } from 'vitest';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { encodeTask } from '../../../src/store/codec/write-task.ts';
import { readBackProblem } from '../../../src/store/input/read-back.ts';
import { added, addIntent, emptyQueue, newTask, planOf, refusalOf } from '../../kit/queues/new-tasks.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

/** Tasks that come from another tracker: some are done, and all have the name that they had there. */
const completion = { at: '2025-05-01T08:00:00Z', by: 'ann', prUrl: 'https://x.example/pull/3' };
const moved = (fields: Parameters<typeof addIntent>[1] = {}) =>
  ({ project: 'auth', upsert: 'by-ref', ...fields }) as const;
const tasksOf = (snapshot: Parameters<typeof planOf>[0], tasks: Parameters<typeof addIntent>[0]) =>
  planOf(snapshot, addIntent(tasks, moved())).plan.commits[0];

describe('tasks that come from another tracker', () => {
  it('are completed at once if they were, and open what requires them', () => {
    const commit = tasksOf(emptyQueue(), [
      { ref: 'github#2', title: 'Sign in', required: ['github#1'] },
      { ref: 'github#1', title: 'Users', completion },
      { ref: 'github#3', title: 'Sign out', required: ['github#2'] },
    ]);
    const [signIn, users, signOut] = commit?.created ?? [];
    expect(signIn?.entry).toMatchObject({ state: 'ready', path: expect.stringContaining('/tasks/TASK-001.toon') });
    expect(signIn?.entry.reading).toMatchObject({ task: { status: 'ready', required: [{ id: 'TASK-002' }] } });
    expect(users?.entry).toMatchObject({
      state: 'completed',
      path: expect.stringContaining('/completed/TASK-002.toon'),
    });
    expect(signOut?.entry.reading).toMatchObject({ task: { status: 'blocked', ref: 'github#3' } });
    const bytes = Buffer.from(encodeTask(users?.document ?? {}));
    expect(readTask(bytes, { path: 'x', project: 'auth', id: 'TASK-002' })).toMatchObject({
      task: { completion: { completedAt: completion.at, completedBy: 'ann', prUrl: completion.prUrl } },
    });
  });

  it('are completed later if somebody completed them there, which opens what waited, unless they are claimed', () => {
    const waits = (id: string, required: readonly string[]) => ({ id, status: 'blocked', required }) as const;
    const queue = snapshotOf([
      { project: 'auth', id: 'TASK-1', ref: 'github#1' },
      { project: 'auth', id: 'TASK-2', ref: 'github#2', state: 'claimed' },
      { project: 'auth', ...waits('TASK-3', ['TASK-1']) },
      { project: 'auth', ...waits('TASK-4', ['TASK-1', 'TASK-2']) },
      { project: 'auth', ref: 'github#5', ...waits('TASK-5', ['TASK-1']) },
    ]);
    const input = [
      { ref: 'github#1', title: 'Users', completion },
      { ref: 'github#2', title: 'x', completion },
      { ref: 'github#5', title: 'y', required: ['github#1'] },
    ];
    const commit = tasksOf(queue, input);
    expect(commit?.tasks.map(({ key, to }) => `${key.id} ${to}`)).toEqual([
      'TASK-1 completed',
      'TASK-5 ready',
      'TASK-3 ready',
    ]);
    expect(commit?.tasks[1]?.edits.at(-1)).toEqual({ kind: 'set-status', status: 'ready' });
    expect(added(queue, addIntent(input, moved())).tasks.map(({ was }) => was)).toEqual(['updated', 'kept', 'updated']);
    expect(commit?.trailers).toContainEqual({ key: 'Agentq-Unblocked', value: 'auth/TASK-3' });
  });

  it('are found again by their ref alone: the same id is another task', () => {
    const queue = snapshotOf([{ project: 'auth', id: 'TASK-1' }]);
    const input = [{ id: 'TASK-1', ref: 'backlog#TASK-1', title: 'Other' }];
    expect(refusalOf(queue, addIntent(input, moved()))).toMatch(/^task-exists: auth\/TASK-1 exists already/);
    expect(added(queue, addIntent(input, { ...moved(), upsert: true })).tasks).toMatchObject([{ was: 'updated' }]);
  });

  it('make no circle by what a completed one required, and no open ones a circle unseen', () => {
    const circle = (fields: object) => [
      { ref: 'x#1', title: 'a', required: ['x#2'] },
      { ref: 'x#2', title: 'b', required: ['x#1'], ...fields },
    ];
    expect(added(emptyQueue(), addIntent(circle({ completion }), moved())).tasks).toHaveLength(2);
    expect(refusalOf(emptyQueue(), addIntent(circle({}), moved()))).toContain(
      'the dependencies form a cycle: x#1 -> x#2',
    );
    expect(refusalOf(emptyQueue(), addIntent([{ ref: 'x#1', title: 'a', required: ['x#1'] }], moved()))).toContain(
      'x#1 requires itself',
    );
    expect(refusalOf(emptyQueue(), addIntent([{ title: 'a', required: ['x#9'] }], moved()))).toContain('no such task');
  });

  it('keep their notes, and travel to another process as they are', () => {
    const notes = { '2025-05-01T08:00:00Z Ann B': 'was at work on it', '2025-05-01T08:00:00Z Ann B #2': 'two: "x"' };
    const task = newTask({ ref: 'beads#bd-a1.2', rest: { notes }, completion });
    expect(readBackProblem(task)).toBeUndefined();
    const [created] = tasksOf(emptyQueue(), [task])?.created ?? [];
    expect(created?.entry.reading).toMatchObject({ task: { notes: [{ agent: 'Ann B' }, { text: 'two: "x"' }] } });
    const intent = addIntent([task], moved());
    expect(parseIntent(JSON.parse(JSON.stringify(intent)))).toEqual(JSON.parse(JSON.stringify(intent)));
    for (const wrong of ['a\nb', '#1', 'x#', 'x..y#1', `x#${'1'.repeat(300)}`, 'x#$(y)']) {
      expect(parseIntent({ ...intent, tasks: [{ ...task, ref: wrong }] }), wrong).toBeUndefined();
    }
    expect(parseIntent({ ...intent, tasks: [{ ...task, completion: { at: 'now' } }] })).toBeUndefined();
  });
});
