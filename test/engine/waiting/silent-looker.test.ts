import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { PAUSE, type TipSource } from '../../../src/engine/waiting/tip-poller.ts';
import { TipWatch } from '../../../src/engine/waiting/waiting.ts';
import type { Channel, Meet } from '../../../src/machine/meeting.ts';
import { A, B, Branch, StepClock, settled, turn } from '../../kit/engine/tip-branch.ts';
import { channelOver, meetIn } from '../../kit/processes/meeting.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** One process looks at the branch for all. What becomes of the others where it is suspended, and says nothing. */

function open(box: Scene, source: TipSource, clock: StepClock, meet = meetIn(box.root)): TipWatch {
  return box.owns(
    new TipWatch({
      meet,
      source,
      clock,
      random: { next: () => 0.5, id: () => 'a' },
      signal: new AbortController().signal,
      onTrouble: () => undefined,
    }),
  );
}

/**
 * Accepts connections like one of ours, and says nothing: so does a process that is suspended. @returns its connections
 */
async function silentLooker(box: Scene): Promise<readonly Channel[]> {
  const connections: Channel[] = [];
  const server = box.owns(createServer((socket) => connections.push(box.owns(channelOver(socket)))));
  await new Promise<void>((resolve) => server.listen(box.path('s.sock'), resolve));
  return connections;
}

it('waits no longer than it takes to be sure; then one of those who wait looks for all others', async () => {
  await using box = await scene();
  const connections = await silentLooker(box);
  const branch = new Branch(false);
  const clock = new StepClock();
  const many = Array.from({ length: 5 }, () => open(box, branch, clock));
  const waiting = Promise.all(many.map((watch) => watch.changed(A)));
  while (connections.length < many.length) await turn();
  branch.tip = B;
  await settled(waiting, clock);
  expect(await waiting).toEqual(many.map(() => B));
  expect(clock.at).toBeLessThan(PAUSE.most);
  // They met again: not everybody looks.
  expect(branch.looks).toBeLessThan(many.length);
});

it('does not keep who asks for a look: it looks itself', async () => {
  await using box = await scene();
  await silentLooker(box);
  const clock = new StepClock();
  const looked = open(box, new Branch(false), clock).look();
  await settled(looked, clock);
  expect(await looked).toBe(A);
  expect(clock.at).toBeLessThan(PAUSE.most);
});

it('asks nobody else for the last word', async () => {
  await using box = await scene();
  const connections = await silentLooker(box);
  expect(await open(box, new Branch(false), new StepClock()).lookAlone()).toBe(A);
  expect(connections).toEqual([]);
});

it('stays with one that has nothing to tell, however long the branch rests', async () => {
  await using box = await scene();
  const clock = new StepClock();
  const looking = new Branch(false);
  const idle = new Branch(false);
  expect(await open(box, looking, clock).look()).toBe(A);
  const follower = open(box, idle, clock);
  expect(await follower.look()).toBe(A);
  const changed = follower.changed(A);
  while (clock.at < 600_000) await clock.tick();
  looking.tip = B;
  await settled(changed, clock);
  expect(await changed).toBe(B);
  expect(idle.looks).toBe(0);
});

it('does not wait for one whose look hangs', async () => {
  await using box = await scene();
  const clock = new StepClock();
  const hanging = new Branch(false);
  expect(await open(box, hanging, clock).look()).toBe(A);
  const working = new Branch(false);
  const follower = open(box, working, clock);
  expect(await follower.look()).toBe(A);
  hanging.look = () => new Promise(() => undefined);
  const changed = follower.changed(A);
  working.tip = B;
  await settled(changed, clock);
  expect(await changed).toBe(B);
  expect(clock.at).toBeLessThan(2 * PAUSE.most);
});

const noFiles = new Failure('machine-unusable', 'this process may not open more files');

it('sends others away where it has no files left for them, and nobody ends', async () => {
  await using box = await scene();
  const clock = new StepClock();
  const most = 3;
  const all: Branch[] = [];
  // Each follower takes a file; a look fails where there are more than this many.
  const connected = new Map<Branch, number>();
  const many = Array.from({ length: 12 }, () => {
    const branch = new Branch(false);
    all.push(branch);
    const meet = meetIn(box.root);
    branch.look = async () => {
      branch.looks++;
      if ((connected.get(branch) ?? 0) > most) throw noFiles;
      return branch.tip;
    };
    const counting: Meet = (onPeer) =>
      meet((follower) => {
        connected.set(branch, (connected.get(branch) ?? 0) + 1);
        follower.onClose(() => connected.set(branch, (connected.get(branch) ?? 0) - 1));
        onPeer(follower);
      });
    return open(box, branch, clock, counting);
  });
  const looked = Promise.all(many.map((watch) => watch.look()));
  await settled(looked, clock);
  expect(await looked).toEqual(many.map(() => A));
  const changed = Promise.all(many.map((watch) => watch.changed(A)));
  for (let ticks = 0; ticks < 30; ticks++) await clock.tick();
  for (const branch of all) branch.tip = B;
  await settled(changed, clock);
  expect(await changed).toEqual(many.map(() => B));
});

it('does not hand its own trouble to those who ask it: they look themselves', async () => {
  await using box = await scene();
  const clock = new StepClock();
  const leading = new Branch(false);
  expect(await open(box, leading, clock).look()).toBe(A);
  leading.failure = new Failure('repository-damaged', 'an object is corrupt');
  const follower = open(box, new Branch(false), clock);
  expect(await follower.look()).toBe(A);
});
