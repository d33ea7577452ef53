import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { GitQueueStore } from '../../../src/store/git-queue-store.ts';
import type { SnapshotScope } from '../../../src/store/reading/snapshot-scope.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const CLAIM: Intent = { kind: 'claim', request: 'r1', agent: 'agent-1', filter: {}, attempt: 1, waitedMs: 0 };
const NOW = Date.UTC(2025, 0, 2);
const SCOPE: SnapshotScope = { read: new Set(['ready'] as const), use: 'deciding' };

interface Claimed {
  readonly path: string;
  /** What is kept in the clone. */
  readonly kept: readonly string[];
  /** Blobs that were read, and in how many questions. */
  readonly blobs: number;
  readonly questions: number;
}

/** Claims this many tasks as a process of its own would. */
async function claim(box: Scene, agents = 1): Promise<Claimed> {
  const repository = await box.open('clone');
  const objects = openObjects(repository);
  let blobs = 0;
  let questions = 0;
  const counting = {
    ...objects,
    readBlobs: (oids: readonly string[], options?: { maxBytes?: number }) => {
      blobs += oids.length;
      if (oids.length > 0) questions++;
      return objects.readBlobs(oids, options);
    },
  };
  const store = new GitQueueStore(repository, await openUpstream(repository, 'origin'), counting, 'develop');
  const { tip = '' } = await store.look();
  const snapshot = await store.snapshot(tip, SCOPE);
  const { commits } = decide(
    snapshot,
    Array.from({ length: agents }, (_, index) => ({ ...CLAIM, request: `r${index}` })),
    NOW,
  );
  const to = (await store.build(snapshot, commits, NOW)).at(-1);
  await store.push([{ ref: store.branchRef, expected: tip, to }]);
  await objects.close();
  const kept = await readdir(box.path('clone', '.git', 'agentq')).catch(() => []);
  return { path: commits[0]?.tasks[0]?.toPath ?? '', kept, blobs, questions };
}

it('claims one after the other from what the clone has kept of a large queue', async () => {
  await using box = await scene({ tasks: 300, clones: ['clone'] });
  const first = await claim(box);
  const second = await claim(box);
  expect([first.path, second.path]).toEqual(['.agents/auth/claimed/TASK-1.toon', '.agents/auth/claimed/TASK-2.toon']);
  expect(first.kept).toEqual(['readings-origin-develop']);
  // The settings, and the file that is claimed.
  expect([first.blobs, second.blobs]).toEqual([302, 2]);
});

it('keeps nothing of a small one', async () => {
  await using box = await scene({ tasks: 30, clones: ['clone'] });
  expect(await claim(box)).toEqual({
    path: '.agents/auth/claimed/TASK-1.toon',
    kept: [],
    blobs: 32,
    questions: 3,
  });
});

it('asks git for the files of many claims at once', async () => {
  await using box = await scene({ tasks: 30, clones: ['clone'] });
  const one = await claim(box);
  const many = await claim(box, 20);
  expect(many.blobs - one.blobs).toBe(19 - 1);
  expect(many.questions).toBe(one.questions);
});
