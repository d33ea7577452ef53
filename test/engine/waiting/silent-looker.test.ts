import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { PAUSE, type TipSource } from '../../../src/engine/waiting/tip-poller.ts';
import { TipWatch } from '../../../src/engine/waiting/waiting.ts';
import type { Channel, Meet } from '../../../src/machine/meeting.ts';
import { A, B, Branch, StepClock, settled, turn } from '../../kit/engine/tip-branch.ts';
import { channelOver, meetIn } from '../../kit/processes/meeting.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

/** One process looks at the branch for all. What becomes of the others where it is suspended, and says nothing. */

let sandbox: GitSandbox;
const watches: TipWatch[] = [];
const servers: Server[] = [];
const connections: Channel[] = [];
beforeEach(async () => {
  sandbox = await GitSandbox.create();
});
afterEach(async () => {
  await Promise.all(watches.splice(0).map((watch) => watch.close()));
  for (const connection of connections.splice(0)) connection.close();
  for (const server of servers.splice(0)) server.close();
  await sandbox.remove();
});

function open(source: TipSource, clock: StepClock, meet = meetIn(sandbox.root)): TipWatch {
  const watch = new TipWatch({
    meet,
    source,
    clock,
    random: { next: () => 0.5, id: () => 'a' },
    signal: new AbortController().signal,
    onTrouble: () => undefined,
  });
  watches.push(watch);
  return watch;
}

/** Accepts connections like one of ours, and says nothing: so does a process that is suspended. */
async function silentLooker(): Promise<void> {
  const server = createServer((socket) => connections.push(channelOver(socket)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(sandbox.path('s.sock'), resolve));
}

it('waits no longer than it takes to be sure; then one of those who wait looks for all others', async () => {
  await silentLooker();
  const branch = new Branch(false);
  const clock = new StepClock();
  const many = Array.from({ length: 5 }, () => open(branch, clock));
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
  await silentLooker();
  const clock = new StepClock();
  const looked = open(new Branch(false), clock).look();
  await settled(looked, clock);
  expect(await looked).toBe(A);
  expect(clock.at).toBeLessThan(PAUSE.most);
});

it('asks nobody else for the last word', async () => {
  await silentLooker();
  expect(await open(new Branch(false), new StepClock()).lookAlone()).toBe(A);
  expect(connections).toEqual([]);
});

it('stays with one that has nothing to tell, however long the branch rests', async () => {
  const clock = new StepClock();
  const looking = new Branch(false);
  const idle = new Branch(false);
  expect(await open(looking, clock).look()).toBe(A);
  const follower = open(idle, clock);
  expect(await follower.look()).toBe(A);
  const changed = follower.changed(A);
  while (clock.at < 600_000) await clock.tick();
  looking.tip = B;
  await settled(changed, clock);
  expect(await changed).toBe(B);
  expect(idle.looks).toBe(0);
});

it('does not wait for one whose look hangs', async () => {
  const clock = new StepClock();
  const hanging = new Branch(false);
  expect(await open(hanging, clock).look()).toBe(A);
  const working = new Branch(false);
  const follower = open(working, clock);
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
  const clock = new StepClock();
  const most = 3;
  const all: Branch[] = [];
  // Each follower takes a file; a look fails where there are more than so many.
  const connected = new Map<Branch, number>();
  const many = Array.from({ length: 12 }, () => {
    const branch = new Branch(false);
    all.push(branch);
    const meet = meetIn(sandbox.root);
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
    return open(branch, clock, counting);
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
  const clock = new StepClock();
  const leading = new Branch(false);
  expect(await open(leading, clock).look()).toBe(A);
  leading.failure = new Failure('repository-damaged', 'an object is corrupt');
  const follower = open(new Branch(false), clock);
  expect(await follower.look()).toBe(A);
});
