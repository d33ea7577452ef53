import { expect, it } from 'vitest';
import { editedTasks } from '../../../src/cli/presence/edited-tasks.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const KEYS = [
  { project: 'auth', id: 'TASK-1' },
  { project: 'auth', id: 'TASK-9' },
];
const then = snapshotOf([{ id: 'TASK-1', type: 'bug', priority: 1 }]);
const now = snapshotOf([{ id: 'TASK-1', type: 'chore', priority: 2, state: 'claimed' }]);

it.each([
  [
    'it was edited',
    'c0ffee',
    async () => then,
    ['auth/TASK-1 was edited: type, priority. Read it again: `agentq prompt auth/TASK-1`'],
  ],
  ['it is as it was', 'c0ffee', async () => now, []],
  ['the commit is gone', 'c0ffee', () => Promise.reject(new Error('bad object')), []],
  ['nobody has looked before', undefined, () => Promise.reject(new Error('read')), []],
  ['the branch has not moved', now.tip, () => Promise.reject(new Error('read')), []],
])('tells what a held task says now, when %s', async (_, before, snapshot, messages) => {
  const edited = await editedTasks({ snapshot }, now, KEYS, before, 'a1');
  expect(edited.map(({ message }) => message)).toEqual(messages);
});
