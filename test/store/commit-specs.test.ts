import { expect, it } from 'vitest';
import type { CommitDraft, TaskChange } from '../../src/domain/queue/edit.ts';
import { locationOf } from '../../src/domain/queue/layouts.ts';
import { DEFAULT_POOL_SETTINGS, type QueueSnapshot } from '../../src/domain/queue/snapshot.ts';
import type { CommitSpec } from '../../src/git/objects/commit-spec.ts';
import { toCommitSpecs } from '../../src/store/commit-specs.ts';

const KEY = { project: 'auth', id: 'TASK-1' };
const SCRIPT = { project: 'auth', id: 'RUN-1' };
const CLAIM = {
  claimedBy: 'agent-2',
  claimedAt: '2026-03-01T12:00:00Z',
  lastHeartbeat: '2026-03-01T12:00:00Z',
  attempt: 1,
  claimId: 'c2',
};
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
          {
            key: SCRIPT,
            state: 'claimed',
            path: 'claimed/RUN-1.toon',
            blob: 'c'.repeat(40),
            mode: '100755',
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

function plan(change: Pick<TaskChange, 'fromPath' | 'toPath' | 'edits'> & Partial<TaskChange>): CommitDraft {
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

/** The commits that these plans come to, where every file of the queue has the same text. */
async function specsOf(...plans: CommitDraft[]): Promise<CommitSpec[]> {
  const readBlobs = async (oids: readonly string[]) => oids.map(() => Buffer.from(TEXT));
  return toCommitSpecs(snapshot, plans, { now: 1_999, committer: undefined, readBlobs });
}

/** What a commit writes at a path. */
function written(spec: CommitSpec | undefined, path: string): string | undefined {
  const change = spec?.changes.find((each) => 'path' in each && each.path === path);
  return change !== undefined && 'content' in change ? Buffer.from(change.content).toString() : undefined;
}

it('writes a file that is changed several times with every change so far', async () => {
  const [first, second, third] = await specsOf(
    plan({
      fromPath: 'claimed/TASK-1.toon',
      toPath: 'tasks/TASK-1.toon',
      edits: [{ kind: 'set-status', status: 'pending' }],
    }),
    plan({
      fromPath: 'tasks/TASK-1.toon',
      toPath: 'claimed/TASK-1.toon',
      edits: [{ kind: 'append-claim', claim: CLAIM }],
    }),
    plan({
      fromPath: 'claimed/TASK-1.toon',
      toPath: 'claimed/TASK-1.toon',
      edits: [{ kind: 'set-status', status: 'ready' }],
    }),
  );
  const pending = TEXT.replace('blocked', 'pending');
  expect(written(first, 'tasks/TASK-1.toon')).toBe(pending);
  const claimed = written(second, 'claimed/TASK-1.toon') ?? '';
  expect(claimed.startsWith(pending)).toBe(true);
  expect(claimed).toContain('claimed_by: agent-2');
  expect(written(third, 'claimed/TASK-1.toon')).toBe(claimed.replace('status: pending', 'status: ready'));
});

it('writes a file that is moved on after an edit with that edit, not with the blob from before', async () => {
  const [, moved] = await specsOf(
    plan({
      fromPath: 'claimed/TASK-1.toon',
      toPath: 'tasks/TASK-1.toon',
      edits: [{ kind: 'set-status', status: 'ready' }],
    }),
    plan({ fromPath: 'tasks/TASK-1.toon', toPath: 'completed/TASK-1.toon', edits: [] }),
  );
  expect(moved?.changes[0]).toEqual({ path: 'tasks/TASK-1.toon', delete: true });
  expect(written(moved, 'completed/TASK-1.toon')).toBe(TEXT.replace('blocked', 'ready'));
});

it('keeps the mode of a file, whether it is moved, edited or both, and that of the others', async () => {
  const run = { key: SCRIPT, fromPath: 'claimed/RUN-1.toon' } as const;
  const specs = await specsOf(
    plan({ ...run, toPath: 'claimed/RUN-1.toon', edits: [{ kind: 'set-status', status: 'ready' }] }),
    plan({ ...run, toPath: 'tasks/RUN-1.toon', edits: [] }),
    plan({
      ...run,
      fromPath: 'tasks/RUN-1.toon',
      toPath: 'claimed/RUN-1.toon',
      edits: [{ kind: 'append-claim', claim: CLAIM }],
    }),
    plan({ fromPath: 'claimed/TASK-1.toon', toPath: 'tasks/TASK-1.toon', edits: [] }),
  );
  const modes = specs.flatMap(({ changes }) => changes.flatMap((change) => ('mode' in change ? [change.mode] : [])));
  expect(modes).toEqual(['100755', '100755', '100755', '100644']);
});

it('names the agent as author and, where nobody is configured, as committer, at a whole second', async () => {
  const change = { fromPath: 'claimed/TASK-1.toon', toPath: 'tasks/TASK-1.toon', edits: [] };
  const agent = { name: 'agent-1', email: 'agent-1@agentq.invalid' };
  expect(await specsOf(plan(change))).toMatchObject([{ author: agent, committer: agent, timeSeconds: 1 }]);
  const committer = { name: 'CI', email: 'ci@example.com' };
  const readBlobs = async (oids: readonly string[]) => oids.map(() => Buffer.from(TEXT));
  const configured = await toCommitSpecs(snapshot, [plan(change)], { now: 0, committer, readBlobs });
  expect(configured).toMatchObject([{ author: agent, committer }]);
});

it('refuses a change of what is not in the snapshot', async () => {
  const change = { fromPath: 'tasks/TASK-9.toon', toPath: 'claimed/TASK-9.toon', edits: [] };
  await expect(specsOf(plan(change))).rejects.toThrow('tasks/TASK-9.toon is not in the snapshot');
});
