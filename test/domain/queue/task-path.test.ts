import { expect, it } from 'vitest';
import { LAYOUT_NAMES, locationOf } from '../../../src/domain/queue/layouts.ts';
import { TASK_STATES } from '../../../src/domain/queue/task.ts';
import { taskAt } from '../../../src/domain/queue/task-path.ts';

it.each(LAYOUT_NAMES)('finds the tasks of the %s layout in every state', (layout) => {
  const { folders, project } = locationOf(layout, 'auth');
  for (const state of TASK_STATES) {
    expect(taskAt(`${folders[state]}T-1.toon`)).toEqual({ key: { project, id: 'T-1' }, state });
  }
});

it.each([
  ['.agents/auth/completed/2025-01/T-1.toon', 'auth'],
  ['.agents-core/state/auth/completed/2025-01/T-1.toon', 'auth'],
  ['.agents/completed/auth/2025-01/T-1.toon', 'auth'],
])('finds what is archived in %s', (path, project) => {
  expect(taskAt(path)).toEqual({ key: { project, id: 'T-1' }, state: 'completed' });
});

it.each([
  'T-1.toon',
  'src/tasks/T-1.toon',
  '.agents/T-1.toon',
  '.agents/auth/T-1.toon',
  '.agents/auth/other/T-1.toon',
  '.agents/auth/tasks/deep/T-1.toon',
  '.agents/auth/tasks/T-1.md',
  '.agents/auth/tasks/-x.toon',
  '.agents/-auth/tasks/T-1.toon',
  '.agents/projects/T-1.toon',
  '.agents/tasks/auth/T-1.toon',
  '.agents-core/config/agentq.toon',
  '.agents-core/state/T-1.toon',
  'state/tasks/T-1.toon',
  '.agents/completed/auth/a/b/T-1.toon',
])('%s is no task', (path) => {
  expect(taskAt(path)).toBeUndefined();
});
