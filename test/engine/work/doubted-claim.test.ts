import { expect, it } from 'vitest';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { HeartbeatIntent } from '../../../src/domain/intents/intent.ts';
import type { Renewal } from '../../../src/engine/queue/renewal.ts';
import { Heartbeats } from '../../../src/engine/work/heartbeats.ts';
import { Lease } from '../../../src/engine/work/lease.ts';
import type { WorkQueue } from '../../../src/engine/work/work-queue.ts';
import { MINUTE, START } from '../../kit/engine/model-pool.ts';

/** Two claims, of which the first is doubted after a minute. @returns the minutes of all heartbeats, and what became of it */
async function doubted(answer: 'stands' | 'gone' | 'unknown') {
  const time = new VirtualTime(START);
  const beats: string[] = [];
  const renew = async (intents: readonly HeartbeatIntent[]): Promise<readonly Renewal[]> => {
    beats.push(`${(time.now() - START) / MINUTE}: ${intents.map(({ task }) => task.id).join(' ')}`);
    return intents.map(({ task }) => {
      if (task.id !== 'T-1' || answer === 'stands') {
        return { kind: 'renewed', submitted: { outcome: { kind: 'renewed' } } } as Renewal;
      }
      const code = answer === 'gone' ? 'claim-lost' : 'remote-unreachable';
      return { kind: 'failed', error: new Failure(code, 'claimed by a2') };
    });
  };
  const queue = { renew, read: () => Promise.reject(new Error('unread')) } as unknown as WorkQueue;
  const heart = new Heartbeats({
    queue,
    clock: time,
    random: { next: () => 0.5, id: () => 'id' },
    intervalMs: 10 * MINUTE,
    onEvent: () => undefined,
  });
  const [first, second] = ['T-1', 'T-2'].map((id) => {
    const job = { agent: 'a1', task: { project: 'auth', id }, title: undefined, claimId: id, path: id, commit: 'f' };
    const lease = new Lease(job, { stalledAfterMs: 30 * MINUTE, heartbeat: 'commit' }, START);
    heart.hold(lease);
    return lease;
  });
  if (first === undefined || second === undefined) throw new Error('no leases');
  await time.run(
    (async () => {
      await time.sleep(MINUTE);
      heart.doubt(first);
      await time.sleep(10.5 * MINUTE);
      heart.drop(first);
      heart.drop(second);
      await heart.stopped();
    })(),
  );
  return { beats, gone: first.gone.aborted, mayBeOurs: first.mayBeOurs };
}

it('is asked for at once, and puts off no other heartbeat', async () => {
  const { beats, gone } = await doubted('stands');
  expect(gone).toBe(false);
  expect(beats[0]).toBe('1: T-1');
  expect(beats[1]).toMatch(/^10: .*T-2/);
});

it('ends its lease if the branch says so', async () => {
  expect(await doubted('gone')).toEqual({ beats: ['1: T-1', '10: T-2'], gone: true, mayBeOurs: false });
});

it('is asked for again if nobody answers, with growing pauses, and puts off no other heartbeat', async () => {
  const { beats, gone } = await doubted('unknown');
  expect(gone).toBe(false);
  const alone = beats.filter((beat) => beat.endsWith(': T-1'));
  expect(alone.slice(0, 2).map(Number.parseFloat)).toEqual([1, expect.closeTo(1 + 2 / 60)]);
  expect(alone.length).toBeLessThan(40);
  expect(beats.some((beat) => /^10: .*T-2/.test(beat))).toBe(true);
});
