import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import type { Outcome } from '../../../src/domain/intents/outcome.ts';
import { parseMeeting } from '../../../src/domain/meeting/meeting-url.ts';
import { meetAt } from '../../../src/machine/meet-server/meet-at.ts';
import type { MeetAt } from '../../../src/machine/meet-server/meet-server.ts';
import { claimIntent, type OpenedQueue, openedQueue } from '../../kit/engine/machine.ts';
import { holdPush } from '../../kit/remotes/gate.ts';
import { countPushes } from '../../kit/remotes/pushes.ts';
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
