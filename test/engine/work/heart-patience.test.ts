import { describe, expect, it } from 'vitest';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import { systemClock } from '../../../src/cli/command/system.ts';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { withPushLimit } from '../../../src/engine/open/push-limit.ts';
import type { Waiting } from '../../../src/engine/queue/queue.ts';
import type { WorkEvent } from '../../../src/engine/work/events.ts';
import { Heartbeats } from '../../../src/engine/work/heartbeats.ts';
import { Lease } from '../../../src/engine/work/lease.ts';
import type { WorkQueue } from '../../../src/engine/work/work-queue.ts';
import type { Upstream } from '../../../src/git/upstream/upstream.ts';
import { listenExclusively } from '../../../src/machine/socket.ts';
import { claimIntent, openedQueue } from '../../kit/engine/machine.ts';
import { readyTasks } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';
import { until } from '../../kit/scene/work-session.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const JOB = {
  agent: 'a1',
  task: { project: 'shop', id: 'T-1' },
  title: undefined,
  claimId: 'c1',
  path: '.agents/shop/claimed/T-1.toon',
  commit: undefined,
};

/** One lease of half an hour, and a renewal that is never served; what becomes of it within that time. */
async function beat(waiting: (time: VirtualTime) => Waiting | undefined) {
  const time = new VirtualTime(START);
  const events: WorkEvent[] = [];
  const aborted: { readonly at: number; readonly message: string }[] = [];
  const queue: WorkQueue = {
    submit: () => Promise.reject(new Error('nothing else is done')),
    read: () => Promise.reject(new Error('nothing is read')),
    tips: { look: async () => undefined, lookAlone: async () => undefined, changed: () => new Promise(() => {}) },
    renew: (intents, how) =>
      new Promise((resolve) => {
        how?.signal?.addEventListener('abort', () => {
          const error: unknown = how.signal?.reason;
          aborted.push({ at: time.now() - START, message: error instanceof Error ? error.message : '' });
          resolve(intents.map(() => ({ kind: 'failed', error })));
        });
      }),
    waitingFor: () => waiting(time),
  };
  const random = seededRandomness(1);
  const heart = new Heartbeats({
    queue,
    clock: time,
    random,
    intervalMs: 5 * MINUTE,
    onEvent: (event) => events.push(event),
  });
  const lease = new Lease(JOB, { stalledAfterMs: 30 * MINUTE, heartbeat: 'commit' }, START);
  heart.hold(lease);
  await time.run(
    time.sleep(29 * MINUTE).then(async () => {
      heart.drop(lease);
    }),
  );
  return { aborted, reasons: events.flatMap((event) => (event.kind === 'not-renewed' ? [event.reason] : [])) };
}

describe('a beat that is not answered', () => {
  it('is given up after its share of the limit where the remote is silent', async () => {
    const { aborted, reasons } = await beat(() => undefined);
    expect(aborted[0]).toEqual({ at: 15 * MINUTE, message: 'the remote did not answer for 10m' });
    expect(reasons[0]).toContain('the remote did not answer for 10m');
  });

  it('is counted from the last answer of the remote', async () => {
    const { aborted } = await beat(() => ({ what: 'remote', since: START + 8 * MINUTE }));
    expect(aborted[0]).toEqual({ at: 18 * MINUTE, message: 'the remote did not answer for 10m' });
  });

  it('keeps its place where it is others’ turn, as long as there is time for another try, and blames no remote', async () => {
    const { aborted } = await beat(() => ({ what: 'turn', since: START + 5 * MINUTE }));
    expect(aborted[0]?.at).toBe(20 * MINUTE);
    expect(aborted[0]?.message).toBe('it was not our turn: others of this machine were at work for 15m');
  });
});

describe('heartbeats go first', () => {
  it('beside a claim of the same process whose push hangs', async () => {
    await using box = await scene({ files: readyTasks(2), clones: ['clone'] });
    await using opened = await openedQueue(box, 'clone');
    const { queue } = opened;
    const first = await queue.submit(claimIntent('a1'));
    if (first.outcome.kind !== 'claimed') throw new Error('not claimed');
    const go = box.path('go');
    const hanging = box.path('hanging');
    await box.hook(
      box.remote,
      'pre-receive',
      `read old new ref; case "$(git log -1 --format=%s $new)" in *CLAIM*) touch ${hanging}; while [ ! -e ${go} ]; do sleep 0.05; done;; esac`,
    );
    const second = queue.submit(claimIntent('a2'));
    await until(async () => (await box.run(box.root, 'ls', [hanging])).exitCode === 0);
    const beat = { kind: 'heartbeat', request: 'beat', agent: 'a1', task: first.outcome.key } as const;
    const [renewal] = await queue.renew([beat]);
    expect(renewal).toMatchObject({ kind: 'renewed' });
    await box.write('.', { go: '' });
    expect((await second).outcome.kind).toBe('claimed');
  });

  it('where all seats for pushes are taken, and others hear that it is not their turn', async () => {
    await using box = await scene();
    const folder = box.path('run');
    await box.write('.', { 'run/.keep': '' });
    const taken = await listenExclusively(`${folder}/key.seat-0`, (socket) => socket.destroy());
    if (taken.kind !== 'listening') throw new Error('no seat to be had');
    const upstream = { push: async () => ({ kind: 'landed' }) } as unknown as Upstream;
    const events: QueueEvent[] = [];
    const around = {
      clock: systemClock,
      random: seededRandomness(1),
      signal: new AbortController().signal,
      onEvent: (event: QueueEvent) => events.push(event),
    };
    const seats = { folder, key: 'key', count: 1 };
    const push = withPushLimit(upstream, seats, around).push([]);
    expect(await withPushLimit(upstream, { ...seats, reserved: 1 }, around).push([])).toEqual({ kind: 'landed' });
    await until(async () => events.length > 0);
    expect(events).toEqual([{ kind: 'queueing' }]);
    taken.close();
    expect(await push).toEqual({ kind: 'landed' });
    expect(events).toEqual([{ kind: 'queueing' }, { kind: 'turn', elapsedMs: expect.any(Number) }]);
  });
});
