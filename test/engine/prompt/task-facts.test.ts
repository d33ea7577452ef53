import { expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { given } from '../../../src/domain/base/given.ts';
import { taskFacts } from '../../../src/engine/prompt/task-facts.ts';
import type { SnapshotOptions } from '../../../src/engine/queue/reader.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const SNAPSHOT = snapshotOf([
  { id: 'T-1', required: ['T-2', 'T-3 (the API)', 'pay/P-1', 'T-9', 'T-2'] },
  {
    id: 'T-2',
    state: 'completed',
    completion: { completedBy: 'a2', prUrl: 'https://example.com/pull/2' },
  },
  {
    id: 'T-3',
    state: 'claimed',
    claim: { claimedBy: 'a3', reviewSince: '2026-01-01T00:00:00Z', prUrl: 'https://example.com/pull/3' },
  },
  { id: 'P-1', project: 'pay', claim: { claimedBy: 'left over', prUrl: 'https://example.com/pull/4' } },
]);

async function facts(branches: readonly string[] | 'away', required?: readonly string[], branchName?: string) {
  const asked: string[] = [];
  const read: SnapshotOptions[] = [];
  const snapshot = required === undefined ? SNAPSHOT : snapshotOf([{ id: 'T-1', required }]);
  const entry = snapshot.projects.get('auth')?.entries[0];
  if (entry?.reading.kind !== 'read') throw new Error('not read');
  const { task } = entry.reading;
  const reader = {
    async snapshot(_: unknown, options: SnapshotOptions = {}) {
      read.push(options);
      return SNAPSHOT;
    },
    code: {
      async tips(names: readonly string[]) {
        asked.push(...names);
        if (branches === 'away') throw new Failure('remote-unreachable', 'no route');
        return new Map(branches.map((name) => [name, 'f00']));
      },
      defaultBranches: async () => [],
      isIn: async () => true,
      obtain: async () => 'present' as const,
      contains: async () => true,
    },
  };
  const { requires } = await taskFacts(reader, { entry, task, snapshot, ...given({ branchName }) }, { commit: 'c' });
  const told = requires.map(({ key, title, state, prUrl, branch }) =>
    [`${key.project}/${key.id}`, title, state, prUrl, branch].filter((part) => part !== undefined).join(', '),
  );
  return { told, asked, read };
}

it('are told with what the task builds on: pull requests, and the branches that are there', async () => {
  const { told, asked, read } = await facts(['feature/auth-T-2', 'feature/T-2', 'feature/P-1']);
  expect(told).toEqual([
    // Where a name was taken, the one with the project is certainly of this project.
    'auth/T-2, Title of T-2, completed, https://example.com/pull/2, feature/auth-T-2',
    'auth/T-3, Title of T-3, in review, https://example.com/pull/3',
    'pay/P-1, Title of P-1, not completed, feature/P-1',
    'auth/T-9, not completed',
  ]);
  expect(new Set(asked).size).toBe(asked.length);
  // Another project may live on another branch, which the commit of this one does not have.
  expect(read).toEqual([{ unreadable: 'leave' }]);
  expect((await facts([], ['T-2'])).read).toEqual([{ commit: 'c', unreadable: 'leave' }]);
});

it('are told with the branches as the worker names them, whatever the settings say', async () => {
  const { told } = await facts(['feature/T-2', 'work/a2/T-2'], ['T-2'], 'work/{agent}/{task}');
  expect(told).toEqual(['auth/T-2, Title of T-2, completed, https://example.com/pull/2, work/a2/T-2']);
});

it('are told without branches where the remote is away, and with one read where nothing is required', async () => {
  expect((await facts('away')).told[0]).toBe('auth/T-2, Title of T-2, completed, https://example.com/pull/2');
  expect(await facts([], [])).toEqual({ told: [], asked: [], read: [] });
});
