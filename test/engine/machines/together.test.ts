import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import type { Clock } from '../../../src/domain/base/clock.ts';
import type { Outcome } from '../../../src/domain/intents/outcome.ts';
import { parseMeeting } from '../../../src/domain/meeting/meeting-url.ts';
import { meetAt } from '../../../src/machine/meet-server/meet-at.ts';
import type { MeetAt } from '../../../src/machine/meet-server/meet-server.ts';
import { claimIntent, type OpenedQueue, openedQueue } from '../../kit/engine/machine.ts';
import { holdPush } from '../../kit/remotes/gate.ts';
import { countPushes } from '../../kit/remotes/pushes.ts';
import { branchScene, openedBranches } from '../../kit/scene/branch-scene.ts';
import { scene } from '../../kit/scene/scene.ts';
import { MEETING_SERVERS, type MeetingServer } from '../../kit/servers/meeting-servers.ts';
import { isTested, MEETING_FAMILIES, type MeetingFamily } from '../../kit/servers/server.ts';

/** As a user names the server. */
function at({ url }: MeetingServer): MeetAt {
  const choice = parseMeeting(url);
  if (choice.kind !== 'url') throw new Error(url);
  return meetAt(choice.url, { clock: systemClock, random: systemRandomness, tls: {} });
}

describe.each(MEETING_FAMILIES)('machines that meet at %s', (family) => {
  beforeEach(({ skip }) => skip(!isTested(family)));

  it('share one push, and ask the git server for nothing else', async () => {
    const clones = Array.from({ length: 5 }, (_, index) => `m${index}`);
    await using box = await scene({ tasks: 5, clones });
    const server = await MEETING_SERVERS[family](box);
    const received = await countPushes(box, box.remote);
    const machines = await Promise.all(clones.map((clone) => openedQueue(box, clone, { meet: at(server) })));
    const submitted = await Promise.all(
      machines.map(({ queue }, index) => queue.submit(claimIntent(`agent-${index}`))),
    );
    await Promise.all(machines.map(({ queue }) => queue.close()));

    expect(submitted.map(({ outcome }) => claimedTask(outcome)).sort()).toEqual([
      'TASK-1',
      'TASK-2',
      'TASK-3',
      'TASK-4',
      'TASK-5',
    ]);
    const isPush = ({ kind }: { readonly kind: string }) => kind === 'pushed' || kind === 'rejected';
    const pushes = machines.map(({ events }) => events.filter(isPush).length);
    expect(await received()).toBe(1);
    expect(pushes.toSorted()).toEqual([0, 0, 0, 0, 1]);
    // Who followed has looked for itself, and once.
    expect(machines.map(({ events }) => events.filter(({ kind }) => kind === 'looked').length)).toEqual([
      1, 1, 1, 1, 1,
    ]);
    expect(await box.git(box.remote, 'for-each-ref', 'refs/agentq')).toBe('');
    // Nothing stays behind.
    await nothingIsLeft(server, family);
  });

  it('push one after another below the push limit, also where nobody carries out anything for others', async () => {
    const clones = ['m0', 'm1'];
    await using box = await scene({ tasks: 2, clones });
    const server = await MEETING_SERVERS[family](box);
    const alone = { meet: at(server), combine: 'none', pushLimit: 1 } as const;
    const [one, other] = (await Promise.all(clones.map((clone) => openedQueue(box, clone, alone)))) as [
      OpenedQueue,
      OpenedQueue,
    ];
    const gate = box.owns(await holdPush(box, box.remote, 'push'));
    const first = one.queue.submit(claimIntent('agent-0'));
    await gate.reached();
    const second = other.queue.submit(claimIntent('agent-1'));
    await expect.poll(() => other.events.map(({ kind }) => kind), { timeout: 20_000 }).toContain('queueing');
    await gate.close();
    expect([await first, await second].map(({ outcome }) => claimedTask(outcome))).toEqual(['TASK-1', 'TASK-2']);
    const kinds = other.events.map(({ kind }) => kind);
    // It has seen that the branch moved while it waited, and does not try to push what can only be rejected.
    expect(kinds.slice(kinds.indexOf('queueing'))).toEqual(
      expect.arrayContaining(['queueing', 'turn', 'looked', 'pushed']),
    );
    expect(kinds.indexOf('turn')).toBeLessThan(kinds.indexOf('pushed'));
    await Promise.all([one.queue.close(), other.queue.close()]);
    expect((await server.ask(...(family === 'etcd' ? ['get', '', '--prefix'] : ['keys', '*']))).trim()).toBe('');
  });

  it('wake who waits for the branch, with one look', async () => {
    const clones = ['m0', 'm1'];
    await using box = await scene({ tasks: 1, clones });
    const server = await MEETING_SERVERS[family](box);
    const url = (await box.http()).url(box.remote);
    for (const clone of clones) await box.git(clone, 'remote', 'set-url', 'origin', url);
    let looks = 0;
    const waiting = await openedQueue(box, 'm0', {
      meet: at(server),
      clock: WITHOUT_POLLING,
      onGitProcess: (args) => {
        // After a hint it looks through the helper that would fetch.
        if (args.some((word) => /^(ls-remote|remote-https?)$/.test(word))) looks++;
      },
    });
    const moving = await openedQueue(box, 'm1', { meet: at(server) });
    const before = await waiting.queue.tips.look();
    const changed = waiting.queue.tips.changed(before);
    await expect.poll(() => listeners(server, family)).toBe(1);
    expect(looks).toBe(1);
    const { commit } = await moving.queue.submit(claimIntent('agent-1'));
    expect(await changed).toBe(commit);
    expect(looks).toBe(2);
    await Promise.all([waiting.queue.close(), moving.queue.close()]);
  });

  it('wake who waits for all branches of projects, when the branch of one moves', async () => {
    await using box = await branchScene({ clones: ['a', 'b'] });
    const server = await MEETING_SERVERS[family](box);
    const url = (await box.http()).url(box.remote);
    for (const clone of ['a', 'b']) await box.git(clone, 'remote', 'set-url', 'origin', url);
    await using waiting = await openedBranches(box, 'a', { meet: at(server), clock: WITHOUT_POLLING });
    await using moving = await openedBranches(box, 'b', { meet: at(server) });
    // From now on it knows the branches.
    await waiting.queue.submit(claimIntent('a1'));
    const before = await waiting.queue.tips.look();
    const changed = waiting.queue.tips.changed(before);
    await expect.poll(() => listeners(server, family)).toBe(3);
    expect((await moving.queue.submit(claimIntent('a2', { filter: { project: 'pay' } }))).branch).toBe('develop-pay');
    expect(await changed).not.toBe(before);
  });

  it.each(['ref', 'commit'] as const)('let no heartbeat by %s wait for what cannot help it', async (heartbeat) => {
    const files = { '.agents-core/config/agentq.toon': `agentq:\n  heartbeat: ${heartbeat}\n` };
    await using box = await scene({ tasks: 1, files, clones: ['m0'] });
    const server = await MEETING_SERVERS[family](box);
    const asked: string[] = [];
    let laterMs = 0;
    const clock: Clock = { now: () => systemClock.now() + laterMs, sleep: systemClock.sleep };
    await using machine = await openedQueue(box, 'm0', { meet: counted(at(server), asked), clock });
    const { outcome } = await machine.queue.submit(claimIntent('agent-1'));
    expect(asked).toEqual(['leads anything', 'stands in line']);
    laterMs = 60_000;
    const task = { project: 'auth', id: claimedTask(outcome) };
    const beat = { kind: 'heartbeat', request: 'heartbeat-request', agent: 'agent-1', task } as const;
    const [renewal] = await machine.queue.renew([beat]);
    const commit = heartbeat === 'ref' ? undefined : expect.any(String);
    expect(renewal).toMatchObject({ kind: 'renewed', submitted: { commit } });
    // Of those by commit, one leader makes one commit. None stands in the line of pushes.
    expect(asked.slice(2)).toEqual(heartbeat === 'ref' ? [] : ['leads heartbeats']);
  });

  it.each(['killed', 'emptied', 'suspended'] as const)(
    'lose and double nothing when it is %s while one of them pushes',
    async (how) => {
      const clones = ['m0', 'm1', 'm2'];
      await using box = await scene({ tasks: 3, clones });
      const server = await MEETING_SERVERS[family](box);
      const machines = await Promise.all(clones.map((clone) => openedQueue(box, clone, { meet: at(server) })));
      const gate = box.owns(await holdPush(box, box.remote, 'push'));
      const submitting = machines.map(({ queue }, index) => queue.submit(claimIntent(`agent-${index}`)));
      await gate.reached();
      if (how === 'killed') await server.kill();
      else if (how === 'emptied') await server.wipe();
      else server.pause();
      await gate.close();
      const submitted = await Promise.all(submitting);
      await Promise.all(machines.map(({ queue }) => queue.close()));
      expect(submitted.map(({ outcome }) => claimedTask(outcome)).sort()).toEqual(['TASK-1', 'TASK-2', 'TASK-3']);
      const files = await box.git(box.remote, 'ls-tree', '-r', '--name-only', 'develop');
      expect(files.match(/claimed\/TASK-\d\.toon/g)).toHaveLength(3);
      expect(files.match(/TASK-\d\.toon/g)).toHaveLength(3);
    },
  );
});

/** The server, with a list of what is asked of it that makes others wait. */
function counted(server: MeetAt, asked: string[]): MeetAt {
  return {
    name: server.name,
    async open() {
      const opened = await server.open();
      const [elect, stand] = [opened.elect.bind(opened), opened.stand.bind(opened)];
      opened.elect = (place, ...more) => {
        asked.push(`leads ${place.replace(/^.*:/, '')}`);
        return elect(place, ...more);
      };
      opened.stand = (...where) => {
        asked.push('stands in line');
        return stand(...where);
      };
      return opened;
    },
  };
}

/** Polls are at least a second apart. None of them comes here: only what is heard wakes. */
const WITHOUT_POLLING: Clock = {
  now: systemClock.now,
  sleep: (ms, signal) => systemClock.sleep(ms < 700 ? ms : 3_600_000, signal),
};

/** How many processes listen to news at the server. */
async function listeners(server: MeetingServer, family: MeetingFamily): Promise<number> {
  if (family === 'etcd')
    return (await server.ask('get', 'agentq/ears/', '--prefix', '--keys-only')).match(/:tips/g)?.length ?? 0;
  return (await server.ask('pubsub', 'channels', '*:tips')).match(/:tips/g)?.length ?? 0;
}

async function nothingIsLeft(server: MeetingServer, family: MeetingFamily): Promise<void> {
  if (family === 'etcd') {
    expect(await server.ask('get', '', '--prefix')).toBe('');
    expect((await server.ask('lease', 'list')).trim()).toBe('found 0 leases');
    return;
  }
  // Redis keeps the number of the last term, which runs out by itself.
  const [left = '', ...more] = (await server.ask('keys', '*')).trim().split('\n');
  expect([left.endsWith(':terms'), more]).toEqual([true, []]);
  expect(Number(await server.ask('ttl', left))).toBeGreaterThan(0);
  expect((await server.ask('pubsub', 'channels')).trim()).toBe('');
}

function claimedTask(outcome: Outcome): string {
  return outcome.kind === 'claimed' ? outcome.key.id : outcome.kind;
}
