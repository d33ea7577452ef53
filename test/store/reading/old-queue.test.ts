import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import { scopeOf } from '../../../src/engine/transaction/scope.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { GitQueueStore } from '../../../src/store/git-queue-store.ts';
import { claim, complete, NOW } from '../../kit/queues/intents.ts';
import { addIntent } from '../../kit/queues/new-tasks.ts';
import { taskText } from '../../kit/queues/queue-files.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What a decision reads of completed tasks, in real repositories. */

const HOME = '.agents/auth';
const FILES = {
  [`${HOME}/tasks/TASK-1.toon`]: taskText('TASK-1'),
  [`${HOME}/tasks/TASK-3.toon`]: taskText('TASK-3'),
  [`${HOME}/completed/TASK-2.toon`]: taskText('TASK-2'),
  [`${HOME}/completed/TASK-3.toon`]: taskText('TASK-3'),
  [`${HOME}/completed/TASK-20.toon`]: taskText('TASK-20'),
};
const HELD = `${taskText('TASK-9').replace('status: ready', 'status: pending\n hold_until: all of base')}`;

/** What a snapshot for that intent knows, and which trees were parsed. */
async function read(box: Scene, dir: string, intent: Intent) {
  const repository = await box.open(dir);
  const objects = openObjects(repository);
  const parsed: string[] = [];
  const noting = {
    ...objects,
    readTrees: (oids: readonly string[]) => {
      parsed.push(...oids);
      return objects.readTrees(oids);
    },
  };
  const store = new GitQueueStore(repository, await openUpstream(repository, undefined), noting, 'develop');
  const { tip = '' } = await store.look();
  const snapshot = await store.snapshot(tip, scopeOf([intent], NOW));
  await objects.close();
  const completed = await box.git(dir, 'rev-parse', `develop:${HOME}/completed`);
  return { snapshot, state: new QueueState(snapshot), isParsed: parsed.includes(completed) };
}

const INTENTS: readonly Intent[] = [claim('a1'), complete('a1', 'TASK-1'), addIntent([{ project: 'auth' }])];

describe.each(['sha1', 'sha256'] as const)('in a repository with %s', (format) => {
  it('a claim, a completion and an addition find completed tasks without parsing their folder', async () => {
    await using box = await scene();
    await box.bareRemote(FILES, { name: 'queue.git', format });
    for (const intent of INTENTS) {
      const { snapshot, state, isParsed } = await read(box, 'queue.git', intent);
      expect(isParsed).toBe(false);
      expect(snapshot.projects.get('auth')?.entries.map(({ key }) => key.id)).toEqual(['TASK-1', 'TASK-3']);
      const kinds = ['TASK-1', 'TASK-2', 'TASK-3', 'TASK-4', 'TASK-20'].map(
        (id) => state.lookup({ project: 'auth', id }).kind,
      );
      expect(kinds).toEqual(['found', 'found', 'two-states', 'absent', 'found']);
      expect(state.isCompleted({ project: 'auth', id: 'TASK-20' })).toBe(true);
      const blob = await box.git('queue.git', 'rev-parse', `develop:${HOME}/completed/TASK-20.toon`);
      expect(state.lookup({ project: 'auth', id: 'TASK-20' })).toMatchObject({
        entry: { blob, mode: '100644', path: `${HOME}/completed/TASK-20.toon`, reading: { kind: 'unread' } },
      });
      expect(state.entriesOf('auth').map(({ path }) => path)).toEqual(
        ['completed/TASK-2', 'completed/TASK-20', 'completed/TASK-3', 'tasks/TASK-1', 'tasks/TASK-3'].map(
          (path) => `${HOME}/${path}.toon`,
        ),
      );
    }
  });
});

describe('the folder of completed tasks is parsed', () => {
  it('if some of them are in archives', async () => {
    await using box = await scene();
    await box.bareRemote({ ...FILES, [`${HOME}/completed/2025-01/TASK-7.toon`]: 'x' }, { name: 'queue.git' });
    const { state, isParsed } = await read(box, 'queue.git', claim('a1'));
    expect(isParsed).toBe(true);
    expect(state.isCompleted({ project: 'auth', id: 'TASK-7' })).toBe(true);
  });

  it('if one of them is named by its caller, and then its file is read', async () => {
    await using box = await scene();
    await box.bareRemote(FILES, { name: 'queue.git' });
    const { state, isParsed } = await read(box, 'queue.git', complete('a1', 'TASK-20'));
    expect(isParsed).toBe(true);
    expect(state.lookup({ project: 'auth', id: 'TASK-20' })).toMatchObject({ entry: { reading: { kind: 'read' } } });
    expect(state.lookup({ project: 'auth', id: 'TASK-2' })).toMatchObject({ entry: { reading: { kind: 'unread' } } });
  });

  it('if a task waits for a batch, and then all of their files are read', async () => {
    await using box = await scene();
    await box.bareRemote({ ...FILES, [`${HOME}/tasks/TASK-9.toon`]: HELD }, { name: 'queue.git' });
    const { snapshot } = await read(box, 'queue.git', complete('a1', 'TASK-1'));
    const entries = snapshot.projects.get('auth')?.entries ?? [];
    expect(entries.map(({ key, reading }) => `${key.id} ${reading.kind}`)).toEqual([
      'TASK-2 read',
      'TASK-20 read',
      'TASK-3 read',
      'TASK-1 read',
      'TASK-3 read',
      'TASK-9 read',
    ]);
  });
});
