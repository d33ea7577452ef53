import { expect, it } from 'vitest';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { type Surroundings, withPushLimit } from '../../../src/engine/open/push-limit.ts';
import type { PushOutcome } from '../../../src/git/answers/push-outcome.ts';
import type { Upstream } from '../../../src/git/upstream/upstream.ts';
import { listenExclusively } from '../../../src/machine/socket.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What waiting for a seat costs, and how it ends; that seats hold between real processes is in combining/push-limit. */

async function hold(box: Scene, index: number): Promise<{ close(): void }> {
  const seat = await listenExclusively(box.path(`k.seat-${index}`), (socket) => socket.destroy());
  if (seat.kind !== 'listening') throw new Error(seat.kind);
  return box.owns(seat);
}

function limited(
  box: Scene,
  surroundings: Partial<Surroundings> = {},
): {
  push(signal?: AbortSignal): Promise<PushOutcome>;
  pushes(): number;
} {
  let pushes = 0;
  const upstream = {
    push: async (): Promise<PushOutcome> => {
      pushes++;
      return { kind: 'landed' };
    },
  } as unknown as Upstream;
  const { push } = withPushLimit(
    upstream,
    { folder: box.root, key: 'k', count: 2 },
    {
      clock: new TestClock(),
      random: { next: () => 0.5, id: () => 'a' },
      signal: new AbortController().signal,
      onEvent: () => undefined,
      ...surroundings,
    },
  );
  return { push: (signal) => push([], { signal }), pushes: () => pushes };
}

it('waits ever longer between two looks, says so every 20 seconds, and pushes as soon as a seat is free', async () => {
  await using box = await scene();
  const seats = [await hold(box, 0), await hold(box, 1)];
  const events: QueueEvent[] = [];
  const clock = new TestClock();
  clock.onSleep = () => {
    if (clock.sleeps.length === 100) seats[1]?.close();
  };
  const { push, pushes } = limited(box, { clock, onEvent: (event) => events.push(event) });
  expect(await push()).toEqual({ kind: 'landed' });
  expect(pushes()).toBe(1);
  expect(clock.sleeps.slice(0, 6)).toEqual([40, 80, 160, 320, 500, 500]);
  expect(events.map((event) => (event.kind === 'warning' ? event.message : event.kind))).toEqual([
    'queueing',
    'waiting to push for 20s: 2 other processes of this machine are pushing',
    'waiting to push for 40s: 2 other processes of this machine are pushing',
    'turn',
  ]);
});

it('stops waiting when its own push is given up, and has pushed nothing', async () => {
  await using box = await scene();
  await hold(box, 0);
  await hold(box, 1);
  const own = new AbortController();
  const clock = new TestClock();
  clock.onSleep = () => {
    if (clock.sleeps.length === 3) own.abort();
  };
  const { push, pushes } = limited(box, { clock });
  expect(await push(own.signal)).toMatchObject({ kind: 'transient' });
  expect(pushes()).toBe(0);
  expect(clock.sleeps).toHaveLength(3);
});

it('takes back what an interrupted process did without standing in line', async () => {
  await using box = await scene();
  await hold(box, 0);
  await hold(box, 1);
  const { push } = limited(box, { signal: AbortSignal.abort() });
  expect(await push()).toEqual({ kind: 'landed' });
});

it('gives its seat back, also when the push fails', async () => {
  await using box = await scene();
  const { push } = limited(box);
  for (let count = 0; count < 5; count++) expect(await push()).toEqual({ kind: 'landed' });
  await hold(box, 0);
  await hold(box, 1);
});
