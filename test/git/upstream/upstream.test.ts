import { chmod, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { lookAtRemote } from '../../../src/git/upstream/remote.ts';
import type { Upstream } from '../../../src/git/upstream/upstream.ts';
import { HttpGitServer, type RequestKind } from '../../kit/remotes/http-git-server.ts';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit, REQUESTS, remoteAndClone, traces, upstreamOf } from '../../kit/scene/upstream-scene.ts';

describe('openUpstream', () => {
  it('names the remotes there are where the one asked for is not', async () => {
    await using box = await scene();
    const { clone } = await remoteAndClone(box);
    const repository = await box.open(clone);
    expect(() => openUpstream(repository, 'upstream')).toThrow(
      expect.objectContaining({ code: 'remote-missing', hint: 'it has: origin' }),
    );
  });

  it('does not take a folder of that name for a remote', async () => {
    await using box = await scene();
    const { clone } = await remoteAndClone(box);
    await box.git('.', 'init', '-q', '--bare', `${clone}/elsewhere`);
    const repository = await box.open(clone);
    expect(() => openUpstream(repository, 'elsewhere')).toThrow(expect.objectContaining({ code: 'remote-missing' }));
  });
});

describe('look', () => {
  it('gives the tip and the refs asked for, in one process', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    await box.git(remote, 'update-ref', `${REQUESTS}a`, tip);
    await box.git(remote, 'update-ref', 'refs/agentq/other', tip);
    const log: string[][] = [];
    const look = await (await upstreamOf(box, clone, log)).look(BRANCH, [REQUESTS]);
    expect(look.tip).toBe(tip);
    expect([...look.refs]).toEqual([[`${REQUESTS}a`, tip]]);
    expect(log.filter(([command]) => command === 'upload-pack')).toHaveLength(1);
    expect(log).toHaveLength(2);
  });

  it('is not fooled by refs whose names end like the branch', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    await box.git(remote, 'update-ref', `refs/heads/a/${BRANCH}`, tip);
    await box.git(remote, 'update-ref', '-d', BRANCH);
    await box.git(remote, 'update-ref', `refs/heads/x/${REQUESTS}a`, tip);
    for (const prefixes of [[], [REQUESTS]]) {
      const look = await (await upstreamOf(box, clone)).look(BRANCH, prefixes);
      expect(look).toEqual({ tip: undefined, refs: new Map() });
    }
  });

  it('can start before anything is known of the repository', async () => {
    await using box = await scene();
    const { clone, tip } = await remoteAndClone(box);
    expect((await lookAtRemote(box.client(clone), 'origin', BRANCH, [])).tip).toBe(tip);
  });

  it('passes on what the remote says', async () => {
    await using box = await scene();
    const { clone, remote } = await remoteAndClone(box);
    await rm(box.path(remote), { recursive: true });
    await expect((await upstreamOf(box, clone)).look(BRANCH, [])).rejects.toMatchObject({
      code: 'remote-refused',
      message: expect.stringContaining('does not appear to be a git repository'),
    });
    await box.git(clone, 'remote', 'set-url', 'origin', 'http://nohost.invalid/x.git');
    await expect((await upstreamOf(box, clone)).look(BRANCH, [])).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringContaining('Could not resolve host'),
    });
  });
});

describe('ssh', () => {
  it('is not waited for where its master stays in the background', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    await box.git(clone, 'remote', 'set-url', 'origin', `ssh://host${box.path(remote)}`);
    const pids = box.path(`ssh-pids-${clone}`);
    await box.write('.', {
      'bin/fake-ssh': `#!/bin/sh\nsleep 600 </dev/null >/dev/null &\necho $! >> ${pids}\nfor command; do :; done\nexec sh -c "$command"\n`,
    });
    await chmod(box.path('bin/fake-ssh'), 0o755);
    const env = { GIT_SSH_COMMAND: box.path('bin/fake-ssh') };
    const upstream = openUpstream(await box.open(clone, { env }), 'origin');
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    expect((await upstream.look(BRANCH, [])).tip).toBe(newer);
    expect(await upstream.fetchCommit(BRANCH, newer)).toEqual({ kind: 'present' });
    const one = await localCommit(box, clone, newer, 'one');
    expect(await upstream.push([{ ref: BRANCH, expected: newer, to: one }])).toEqual({ kind: 'landed' });
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: one }])).toMatchObject({ kind: 'unknown' });
    for (const pid of (await box.read('.', `ssh-pids-${clone}`)).trim().split('\n')) process.kill(Number(pid));
  });
});

describe('an abort', () => {
  it('ends every request that hangs, with all its processes, and leaves nothing behind', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    await using http = await HttpGitServer.start(box.root, box.env);
    await box.git(clone, 'remote', 'set-url', 'origin', http.url(remote));
    await box.git(clone, 'config', 'protocol.version', '0');
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    const one = await localCommit(box, clone, tip, 'one');
    const before = await traces(box, clone);
    const calls: readonly (readonly [RequestKind, boolean, (upstream: Upstream) => Promise<unknown>])[] = [
      ['info-fetch', false, (upstream) => upstream.look(BRANCH, [REQUESTS])],
      ['fetch', false, (upstream) => upstream.fetchCommit(BRANCH, newer)],
      ['info-push', false, (upstream) => upstream.push([{ ref: BRANCH, expected: newer, to: one }])],
      ['push', true, (upstream) => upstream.push([{ ref: BRANCH, expected: newer, to: one }])],
    ];
    for (const [kind, after, call] of calls) {
      const controller = new AbortController();
      const upstream = openUpstream(await box.open(clone, { signal: controller.signal }), 'origin');
      http.fault = (request) => {
        if (request.kind !== kind) return undefined;
        setImmediate(() => controller.abort());
        return { kind: 'hang', after };
      };
      await expect(call(upstream), kind).rejects.toMatchObject({ code: 'interrupted' });
    }
    expect(await traces(box, clone)).toEqual(before);
    const processes = await box.run(box.root, 'ps', ['-eo', 'args']);
    expect(processes.stdout).not.toContain(http.url(remote));
  });
});
