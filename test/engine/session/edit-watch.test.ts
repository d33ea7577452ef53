import { expect, it } from 'vitest';
import type { ClaimedOutcome } from '../../../src/domain/intents/outcome.ts';
import type { Queue } from '../../../src/engine/queue/queue.ts';
import { EditWatch } from '../../../src/engine/session/edit-watch.ts';
import { leaseOf } from '../../../src/engine/work/lease.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const CLAIM = {
  claimedBy: 'a1',
  claimedAt: '2030-01-01T00:00:00Z',
  lastHeartbeat: '2030-01-01T00:00:00Z',
  attempt: 1,
  claimId: 'c1',
};
const CLAIMED: ClaimedOutcome = {
  kind: 'claimed',
  key: { project: 'auth', id: 'T-1' },
  path: '.agents/auth/claimed/T-1.toon',
  priority: 5,
  claim: CLAIM,
};
const OURS: TaskSpec = { id: 'T-1', state: 'claimed', claim: CLAIM };

/** A branch that shows the task in one way after another, and the words of what is seen of it. */
async function watched(claimed: TaskSpec, ...shown: readonly (TaskSpec | 'trouble')[]): Promise<readonly string[]> {
  const clock = new TestClock('leaping');
  const seen: string[] = [];
  let at = -1;
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const queue = {
    tips: {
      look: async () => {
        at++;
        if (shown[at] === 'trouble') throw new Error('no network');
        return `tip${at}`;
      },
      changed: async () => {
        if (at + 1 < shown.length) return `tip${at + 1}`;
        end();
        return new Promise<never>(() => undefined);
      },
    },
    read: async () => ({
      snapshot: async (_: unknown, { commit }: { commit?: string }) => {
        const now = shown[at];
        return snapshotOf([commit === 'claiming' || now === undefined || now === 'trouble' ? claimed : now]);
      },
    }),
  } as unknown as Queue;
  const lease = leaseOf('a1', CLAIMED, 'claiming', { at: clock.now(), answeredAt: clock.now() });
  const watch = new EditWatch({
    queue,
    clock,
    leases: () => [lease],
    onChanged: (_, fields) => seen.push(fields.join(', ')),
  });
  watch.begin();
  await over;
  watch.stop();
  return seen;
}

it('tells of an edit once, also of one that came before the first look', async () => {
  const urgent = { ...OURS, priority: 9 };
  expect(await watched(OURS, OURS, urgent, urgent, { ...urgent, type: 'docs' })).toEqual(['priority', 'type']);
  expect(await watched(OURS, urgent, urgent)).toEqual(['priority']);
});

it('says nothing of heartbeats', async () => {
  expect(await watched(OURS, { ...OURS, claim: { ...CLAIM, lastHeartbeat: '2030-01-01T00:10:00Z' } })).toEqual([]);
});

it.each<readonly [string, TaskSpec]>([
  ['was released', { id: 'T-1', priority: 1 }],
  ['was taken by another agent', { ...OURS, priority: 1, claim: { ...CLAIM, claimedBy: 'a2', claimId: 'c2' } }],
  ['was claimed anew under the same id', { ...OURS, priority: 1, claim: { ...CLAIM, claimId: 'c2' } }],
  ['is gone', { id: 'T-2' }],
])('says nothing of a task that %s', async (_, shown) => {
  expect(await watched(OURS, OURS, shown)).toEqual([]);
});

it('goes on after trouble', async () => {
  expect(await watched(OURS, OURS, 'trouble', { ...OURS, priority: 1 })).toEqual(['priority']);
});
