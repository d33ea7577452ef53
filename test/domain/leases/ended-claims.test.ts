import { expect, it } from 'vitest';
import { endedClaims } from '../../../src/domain/leases/ended-claims.ts';
import type { CommitDraft, TaskChange, TaskEdit } from '../../../src/domain/queue/edit.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import type { TaskState } from '../../../src/domain/queue/task.ts';

/** Which claims end with a commit: those whose heartbeats nobody needs any more. */

const key = { project: 'shop', id: 'T-1' };
const path = 'claimed/T-1';
const taken: readonly TaskEdit[] = [
  { kind: 'remove-claim' },
  { kind: 'append-claim', claim: { claimedBy: 'a2', claimedAt: '', lastHeartbeat: '', attempt: 1, claimId: 'c2' } },
];

function snapshot(claim: object | undefined): QueueSnapshot {
  const entry = { key, state: 'claimed', path, reading: { kind: 'read', task: { claim } } };
  return { projects: new Map([['shop', { entries: [entry] }]]) } as unknown as QueueSnapshot;
}

function changing(from: TaskState, to: TaskState, edits: readonly TaskEdit[] = []): readonly CommitDraft[] {
  const change: TaskChange = { key, from, to, fromPath: path, toPath: `${to}/T-1`, edits };
  return [{ subject: '', trailers: [], author: 'a1', tasks: [change], files: [] }];
}

const CLAIM = { agent: 'a1', task: key, claimId: 'c1' };

it.each<[string, readonly CommitDraft[], readonly object[]]>([
  ['completed', changing('claimed', 'completed'), [CLAIM]],
  ['released', changing('claimed', 'ready', [{ kind: 'remove-claim' }]), [CLAIM]],
  ['taken by another agent', changing('claimed', 'claimed', taken), [CLAIM]],
  ['renewed', changing('claimed', 'claimed', [{ kind: 'set-heartbeat', at: '' }]), []],
  ['made', changing('ready', 'claimed', taken.slice(1)), []],
])('a claim that is %s', (_what, commits, ended) => {
  expect(endedClaims(snapshot({ claimedBy: 'a1', claimId: 'c1' }), commits)).toEqual(ended);
});

it('has no id if an older script made it, and no name if the file does not say', () => {
  const commits = changing('claimed', 'completed');
  expect(endedClaims(snapshot({ claimedBy: 'a1' }), commits)).toEqual([{ agent: 'a1', task: key }]);
  expect(endedClaims(snapshot({ claimId: 'c1' }), commits)).toEqual([]);
  expect(endedClaims(snapshot(undefined), commits)).toEqual([]);
});
