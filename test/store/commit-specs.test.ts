import { expect, it } from 'vitest';
import type { PlannedCommit, TaskChange } from '../../src/domain/edit.ts';
import { locationOf } from '../../src/domain/layouts.ts';
import { DEFAULT_POOL_SETTINGS, type QueueSnapshot } from '../../src/domain/snapshot.ts';
import { toCommitSpecs } from '../../src/store/commit-specs.ts';

const KEY = { project: 'auth', id: 'TASK-1' };
const TEXT = 'task:\n  id: TASK-1\n  status: blocked\n';
const location = locationOf('agents', 'auth');

const snapshot: QueueSnapshot = {
  tip: 'a'.repeat(40),
  projects: new Map([
    [
      'auth',
      {
        name: 'auth',
        locations: [location],
        stalls: new Map(),
        entries: [
          {
            key: KEY,
            state: 'claimed',
            path: 'claimed/TASK-1.toon',
            blob: 'b'.repeat(40),
            mode: '100644',
            location,
            reading: { kind: 'unread' },
          },
        ],
      },
    ],
  ]),
  settings: DEFAULT_POOL_SETTINGS,
  findings: [],
};

function plan(change: Pick<TaskChange, 'fromPath' | 'toPath' | 'edits'>): PlannedCommit {
  return {
    subject: 'Change',
    trailers: [],
    author: 'agent-1',
    tasks: [{ key: KEY, from: 'claimed', to: 'ready', ...change }],
    files: [],
  };
}

it('edits what an earlier commit of the chain has only moved', async () => {
  const specs = await toCommitSpecs(
    snapshot,
    [
      plan({ fromPath: 'claimed/TASK-1.toon', toPath: 'tasks/TASK-1.toon', edits: [] }),
      plan({
        fromPath: 'tasks/TASK-1.toon',
        toPath: 'tasks/TASK-1.toon',
        edits: [{ kind: 'set-status', status: 'ready' }],
      }),
    ],
    { now: 0, committer: undefined, readBlobs: async (oids) => oids.map(() => Buffer.from(TEXT)) },
  );
  const last = specs.at(-1)?.changes.at(-1);
  expect(last !== undefined && 'content' in last ? Buffer.from(last.content).toString() : undefined).toBe(
    TEXT.replace('blocked', 'ready'),
  );
});
