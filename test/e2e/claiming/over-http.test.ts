import { describe, expect, it } from 'vitest';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import type { RequestKind } from '../../kit/remotes/http-git-server.ts';
import { helperFolder } from '../../kit/scene/http-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What a command costs a server over http, counted, and what is true there as anywhere. */

interface Traffic {
  readonly requests: readonly RequestKind[];
  readonly connections: number;
}

async function overHttp(tasks: number, clones: readonly string[]): Promise<Scene> {
  const box = await scene({ tasks, clones });
  const http = await box.http();
  for (const clone of clones) await box.git(clone, 'remote', 'set-url', 'origin', http.url(box.remote));
  return box;
}

/** Runs the command, which must succeed. @returns what it printed, and what it asked of the server */
async function counted(box: Scene, clone: string, ...args: readonly string[]): Promise<[string, Traffic]> {
  const { seen } = await box.http();
  seen.length = 0;
  const { code, stdout, stderr } = await box.agentq(clone, ...args);
  expect(code, stderr).toBe(0);
  const connections = new Set(seen.map(({ connection }) => connection)).size;
  return [stdout.trim(), { requests: seen.map(({ kind }) => kind), connections }];
}

const LOOK_AND_PUSH: Traffic = { requests: ['info-push', 'push'], connections: 1 };

describe('over http, with the branch up to date', () => {
  it.each(['local', 'none'])(
    'claim, heartbeat, complete and release take two requests over one connection: --combine %s',
    async (combine) => {
      await using box = await overHttp(2, ['clone']);
      const how = ['--combine', combine];
      const [task, claim] = await counted(box, 'clone', 'claim', 'a1', ...how);
      expect(claim).toEqual(LOOK_AND_PUSH);
      // Within the second of the claim there is nothing to write yet.
      let heartbeat: Traffic;
      do [, heartbeat] = await counted(box, 'clone', 'heartbeat', task, 'a1', ...how);
      while (heartbeat.requests.length === 1);
      expect(heartbeat).toEqual(LOOK_AND_PUSH);
      expect((await counted(box, 'clone', 'complete', task, 'a1', ...how))[1]).toEqual(LOOK_AND_PUSH);
      const [other] = await counted(box, 'clone', 'claim', 'a1', ...how);
      expect((await counted(box, 'clone', 'release', other, 'a1', ...how))[1]).toEqual(LOOK_AND_PUSH);
      expect((await auditQueue(box.path(box.remote))).violations).toEqual([]);
    },
  );

  it('a claim leaves the clone as one by `git push` does', async () => {
    await using box = await overHttp(1, ['clone']);
    await counted(box, 'clone', 'claim', 'a1');
    const refs = await box.refs('clone');
    expect(refs['refs/remotes/origin/develop']).toBe(await box.tip());
    expect(refs['refs/heads/develop']).toBe(await box.tip());
    expect(await box.git('clone', 'status', '--short', '--branch')).toBe('## develop...origin/develop');
  });

  it('a claim does not wait for a helper that does not end', async () => {
    await using box = await overHttp(1, ['clone']);
    const GIT_EXEC_PATH = await helperFolder(box, 'clone', '"$real" "$@"\nexec sleep 600');
    const { code, stderr } = await box.start('clone', ['claim', 'a1'], { env: { GIT_EXEC_PATH } }).done;
    expect(code, stderr).toBe(0);
  });

  it('what only reads asks as it reads', async () => {
    await using box = await overHttp(1, ['clone']);
    for (const command of ['status', 'list']) {
      const [, { requests, connections }] = await counted(box, 'clone', command);
      expect({ requests, connections }).toEqual({ requests: ['info-fetch', 'fetch'], connections: 1 });
    }
  });
});

describe('over http, with a commit to fetch', () => {
  it('a claim takes four requests over two connections, and over one where that is usual', async () => {
    await using box = await overHttp(6, ['one', 'two']);
    await counted(box, 'one', 'claim', 'a1');
    const [, traffic] = await counted(box, 'two', 'claim', 'a2');
    expect(traffic).toEqual({ requests: ['info-push', 'info-fetch', 'fetch', 'push'], connections: 2 });
    // From now on the clone expects that others push.
    await counted(box, 'one', 'claim', 'a1');
    const [, again] = await counted(box, 'two', 'claim', 'a2');
    expect(again).toEqual({ requests: ['info-fetch', 'fetch', 'info-push', 'push'], connections: 1 });
    // Until they do not: that costs one request more, once.
    const [, alone] = await counted(box, 'two', 'claim', 'a2');
    expect(alone).toEqual({ requests: ['info-fetch', 'info-push', 'push'], connections: 1 });
    expect((await counted(box, 'two', 'claim', 'a2'))[1]).toEqual(LOOK_AND_PUSH);
    expect((await auditQueue(box.path(box.remote))).violations).toEqual([]);
  });
});

describe('over http, ten machines at once', () => {
  it('claim ten tasks, each its own', async () => {
    const clones = Array.from({ length: 10 }, (_, index) => `machine-${index}`);
    await using box = await overHttp(10, clones);
    for (const clone of clones) await box.write('.', { [`run-${clone}/.keep`]: '' });
    const runs = await Promise.all(
      clones.map((clone) => {
        const env = { XDG_RUNTIME_DIR: box.path(`run-${clone}`) };
        return box.start(clone, ['claim', clone], { env }).done;
      }),
    );
    expect(runs.map(({ code, stderr }) => [code, stderr.match(/^error.*/m)?.[0]])).toEqual(
      clones.map(() => [0, undefined]),
    );
    expect(new Set(runs.map(({ stdout }) => stdout.trim())).size).toBe(10);
    const { violations, moves } = await auditQueue(box.path(box.remote));
    expect(violations).toEqual([]);
    expect(moves.filter(({ to }) => to === 'claimed')).toHaveLength(10);
  });
});
