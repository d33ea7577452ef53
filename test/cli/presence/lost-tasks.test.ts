import { expect, it } from 'vitest';
import { lostTasks } from '../../../src/cli/presence/lost-tasks.ts';
import type { TaskEvent } from '../../../src/domain/past/task-event.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const event = (kind: TaskEvent['kind'], agent: string, more: Partial<TaskEvent> = {}): TaskEvent => ({
  kind,
  agent,
  project: 'auth',
  task: 'TASK-1',
  commit: 'c',
  at: 0,
  ...more,
});

it.each([
  ['it gave the task back itself', [event('task.claimed', 'b2'), event('task.released', 'a1')], []],
  ['it asked', [event('task.asked', 'a1')], []],
  ['nothing is known', [event('task.noted', 'b2')], []],
  [
    'a person gave it back',
    [event('task.released', 'Zoë', { reason: 'wrong branch' })],
    ['Zoë has given it back (wrong branch)'],
  ],
  [
    'it fell silent',
    [event('task.claimed', 'b2'), event('task.stalled', 'a1')],
    ['it was taken back, since no heartbeat came'],
  ],
  ['somebody took it', [event('task.renewed', 'b2'), event('task.taken', 'b2', { from: 'a1' })], ['b2 has taken it']],
  [
    'others took it on',
    [event('task.taken', 'c3', { from: 'b2' }), event('task.taken', 'b2', { from: 'a1' })],
    ['b2 has taken it'],
  ],
  ['it was cancelled', [event('task.cancelled', 'Zoë')], ['Zoë has cancelled it']],
])('an agent is told of a task that it lost, when %s', async (_, events, words) => {
  const past = async function* () {
    for (const one of events) yield { event: one, task: undefined };
  };
  const snapshot = snapshotOf([{ id: 'TASK-1' }, { id: 'TASK-2', state: 'completed' }, { id: 'TASK-3' }]);
  const lost = await lostTasks({ past }, snapshot, new Set(['auth/TASK-1', 'auth/TASK-2']), 'a1');
  expect(lost.map(({ message }) => message)).toEqual(
    words.map((each) => `auth/TASK-1 is not yours any more: ${each}. Stop working on it`),
  );
});
