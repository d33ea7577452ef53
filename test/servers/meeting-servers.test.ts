import { beforeEach, describe, expect, it } from 'vitest';
import type { SimulateResult } from '../../lab/simulation/simulation.ts';
import { scene } from '../kit/scene/scene.ts';
import { MEETING_SERVERS, type MeetingServer } from '../kit/servers/meeting-servers.ts';
import { isTested, MEETING_FAMILIES, type MeetingFamily } from '../kit/servers/server.ts';

/** The servers of the kit are what tests of meeting places rely on: killed, started again, emptied, with a password. */

const PUT: Readonly<Record<MeetingFamily, readonly string[]>> = { redis: ['set', 'k', 'v'], etcd: ['put', 'k', 'v'] };

const get = (server: MeetingServer): Promise<string> => server.ask('get', 'k');

describe.each(MEETING_FAMILIES)('%s', (family) => {
  beforeEach(({ skip }) => skip(!isTested(family)));

  it('is killed, started again, and emptied', async () => {
    await using box = await scene();
    const server = await MEETING_SERVERS[family](box);
    await server.ask(...PUT[family]);
    expect(await get(server)).toContain('v');
    await server.kill();
    await expect(get(server)).rejects.toThrow();
    await server.restart();
    expect(await get(server)).toContain(family === 'etcd' ? 'v' : '');
    await server.ask(...PUT[family]);
    await server.wipe();
    expect((await get(server)).trim()).toBe('');
    // A suspended server must not keep the scene from ending.
    server.pause();
  });

  it('has a password and a certificate', async () => {
    await using box = await scene();
    const server = await MEETING_SERVERS[family](box, { password: 'p w/ä', tls: true });
    await server.ask(...PUT[family]);
    expect(await get(server)).toContain('v');
    expect(server.url).toMatch(family === 'etcd' ? /^etcds:\/\/root:p%20w%2F%C3%A4@/ : /^rediss:\/\/:p%20w%2F%C3%A4@/);
  });

  it('has ten machines claim with three pushes at most, and none that is refused', async () => {
    await using box = await scene();
    const server = await MEETING_SERVERS[family](box);
    const pool = ['--agents', '10', '--machines', '10', '--meet', server.url];
    const { code, stdout, stderr } = await box.agentq('.', 'simulate', ...pool, '--json');
    expect(code, stderr).toBe(0);
    const { runs } = JSON.parse(stdout) as SimulateResult;
    expect(runs).toMatchObject([{ claims: 10, rejectedPushes: 0, winnersPerTask: 1, violations: [] }]);
    // One leads, and whoever is late leads once more. By refs it is a push for each request, and lost races.
    expect(runs[0]?.pushes).toBeLessThanOrEqual(3);
    expect(stderr).toContain(`the machines meet at ${server.url}`);
  });
});
