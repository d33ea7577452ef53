import { expect, it } from 'vitest';
import type { TaskState } from '../../../src/domain/queue/task.ts';
import { IndexCache } from '../../../src/store/reading/index-cache.ts';
import { TaskReader } from '../../../src/store/reading/task-reader.ts';
import { Blobs, foundTask } from '../../kit/queues/found-tasks.ts';
import { taskText } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

const EVERY = { read: new Set<TaskState>(['ready', 'claimed', 'completed']) };
const DECIDING = { read: new Set<TaskState>(['ready']), use: 'deciding' as const };

it('reads nothing twice, also if a decision comes between two looks at the whole queue', async () => {
  await using box = await scene();
  const blobs = new Blobs();
  const add = (id: string, state: TaskState) =>
    foundTask({ project: 'auth', id, state }, blobs.add(Buffer.from(taskText(id))));
  const ready = Array.from({ length: 40 }, (_, index) => add(`TASK-${index}`, 'ready'));
  const all = [...ready, add('TASK-100', 'completed'), add('TASK-101', 'completed')];
  const reader = new TaskReader(blobs, new IndexCache(box.root, 'origin-develop'));
  const first = await reader.read(all, EVERY);
  expect(first.map(({ kind }) => kind)).toEqual(all.map(() => 'read'));
  expect(blobs.read).toBe(42);
  await reader.read(ready, DECIDING);
  expect(await reader.read(all, EVERY)).toEqual(first);
  expect(blobs.read).toBe(42);
});
