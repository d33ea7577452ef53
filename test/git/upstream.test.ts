import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookAtRemote } from '../../src/git/remote.ts';
import { openUpstream, type Upstream } from '../../src/git/upstream.ts';
import { GitSandbox } from '../support/git-sandbox.ts';
import { HttpGitServer, type RequestKind } from '../support/http-git-server.ts';

const BRANCH = 'refs/heads/develop';
const REQUESTS = 'refs/agentq/requests/';

let box: GitSandbox;
let count = 0;

beforeAll(async () => {
  box = await GitSandbox.create();
});
afterAll(() => box.remove());

/** A remote with one commit, and a clone of it. */
async function remoteAndClone(...options: readonly string[]) {
  count += 1;
  const remote = await box.bareRemote({ 'q/T.toon': 'one\n' }, { name: `remote-${count}.git` });
  const clone = await box.clone(remote, `clone-${count}`, ...options);
  const tip = await box.git(remote, 'rev-parse', BRANCH);
  return { remote, clone, tip };
}

async function upstreamOf(clone: string, log?: string[][]): Promise<Upstream> {
  return openUpstream(await box.open(clone, log === undefined ? {} : { log }), 'origin');
}

/** A commit on `parent` that is only in the clone. */
async function localCommit(clone: string, parent: string, text: string): Promise<string> {
  return await box.git(clone, 'commit-tree', `${parent}^{tree}`, '-p', parent, '-m', text);
}

describe('openUpstream', () => {
  it('names the remotes there are where the one asked for is not', async () => {
    const { clone } = await remoteAndClone();
    const repository = await box.open(clone);
    expect(() => openUpstream(repository, 'upstream')).toThrow(
      expect.objectContaining({ code: 'remote-missing', hint: 'it has: origin' }),
    );
  });

  it('does not take a folder of that name for a remote', async () => {
    const { clone } = await remoteAndClone();
    await box.git('.', 'init', '-q', '--bare', `${clone}/elsewhere`);
    const repository = await box.open(clone);
    expect(() => openUpstream(repository, 'elsewhere')).toThrow(expect.objectContaining({ code: 'remote-missing' }));
  });
});

describe('look', () => {
  it('gives the tip and the refs asked for, in one process', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    await box.git(remote, 'update-ref', `${REQUESTS}a`, tip);
    await box.git(remote, 'update-ref', 'refs/agentq/other', tip);
    const log: string[][] = [];
    const look = await (await upstreamOf(clone, log)).look(BRANCH, [REQUESTS]);
    expect(look.tip).toBe(tip);
    expect([...look.refs]).toEqual([[`${REQUESTS}a`, tip]]);
    expect(log.filter(([command]) => command === 'ls-remote')).toHaveLength(1);
    expect(log).toHaveLength(2);
  });

  it('is not fooled by refs whose names end like the branch', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    await box.git(remote, 'update-ref', `refs/heads/a/${BRANCH}`, tip);
    await box.git(remote, 'update-ref', '-d', BRANCH);
    await box.git(remote, 'update-ref', `refs/heads/x/${REQUESTS}a`, tip);
    for (const prefixes of [[], [REQUESTS]]) {
      const look = await (await upstreamOf(clone)).look(BRANCH, prefixes);
      expect(look).toEqual({ tip: undefined, refs: new Map() });
    }
  });

  it('can start before anything is known of the repository', async () => {
    const { clone, tip } = await remoteAndClone();
    expect((await lookAtRemote(box.client(clone), 'origin', BRANCH, [])).tip).toBe(tip);
  });

  it('passes on what the remote says', async () => {
    const { clone, remote } = await remoteAndClone();
    await rm(box.path(remote), { recursive: true });
    await expect((await upstreamOf(clone)).look(BRANCH, [])).rejects.toMatchObject({
      code: 'remote-refused',
      message: expect.stringContaining('does not appear to be a git repository'),
    });
    await box.git(clone, 'remote', 'set-url', 'origin', 'http://nohost.invalid/x.git');
    await expect((await upstreamOf(clone)).look(BRANCH, [])).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringContaining('Could not resolve host'),
    });
  });
});

describe('fetchCommit', () => {
  for (const [kind, options] of Object.entries({
    full: [],
    shallow: ['--depth=1'],
    'single branch': ['--single-branch', '--branch=develop'],
    'blobless partial': ['--filter=blob:none'],
    'treeless partial': ['--filter=tree:0', '--no-checkout'],
  })) {
    it(`gets a new tip and leaves no trace but objects, in a ${kind} clone`, async () => {
      const { remote, clone, tip } = await remoteAndClone(...options);
      const before = await traces(clone);
      await box.git(remote, 'tag', 'v1', tip);
      await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
      const newer = await box.commitTo(remote, BRANCH, { 'q/U.toon': 'three\n' });
      expect(await (await upstreamOf(clone)).fetchCommit(BRANCH, newer)).toEqual({ kind: 'present' });
      expect(await box.git(clone, 'rev-list', '--count', newer)).toBe('3');
      expect(await box.git(clone, 'merge-base', tip, newer)).toBe(tip);
      expect(await traces(clone)).toEqual(before);
    });
  }

  it('works in a linked worktree and in a bare clone', async () => {
    const { remote, clone } = await remoteAndClone();
    await box.git(clone, 'worktree', 'add', '-q', '--detach', `../linked-${clone}`);
    await box.clone(remote, `bare-${clone}`, '--bare');
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    for (const dir of [`linked-${clone}`, `bare-${clone}`]) {
      expect(await (await upstreamOf(dir)).fetchCommit(BRANCH, newer)).toEqual({ kind: 'present' });
      expect(await box.git(dir, 'cat-file', '-t', newer)).toBe('commit');
    }
  });

  it('is not impressed by what the user configured for fetches', async () => {
    const { remote, clone } = await remoteAndClone();
    for (const [key, value] of [
      ['fetch.prune', 'true'],
      ['fetch.pruneTags', 'true'],
      ['fetch.writeCommitGraph', 'true'],
      ['fetch.recurseSubmodules', 'true'],
      ['remote.origin.tagOpt', '--tags'],
      ['remote.origin.mirror', 'true'],
      ['fetch.all', 'true'],
    ] as const) {
      await box.git(clone, 'config', key, value);
    }
    await box.git(clone, 'update-ref', 'refs/remotes/origin/gone', 'HEAD');
    await box.git(clone, 'tag', 'mine');
    const before = await traces(clone);
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    await box.git(remote, 'tag', 'v2', newer);
    await (await upstreamOf(clone)).fetchCommit(BRANCH, newer);
    expect(await traces(clone)).toEqual(before);
  });

  it('falls back to the branch where a server gives only tips, and cleans up', async () => {
    const { remote, clone } = await remoteAndClone();
    await box.git(remote, 'config', 'uploadpack.allowAnySHA1InWant', 'false');
    await box.git(clone, 'config', 'protocol.version', '0');
    const middle = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    await box.commitTo(remote, BRANCH, { 'q/T.toon': 'three\n' });
    const before = await traces(clone);
    expect(await (await upstreamOf(clone)).fetchCommit(BRANCH, middle)).toEqual({ kind: 'present' });
    expect(await box.git(clone, 'cat-file', '-t', middle)).toBe('commit');
    expect(await traces(clone)).toEqual(before);
  });

  it('says that the branch has moved where the commit is gone', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    const lost = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    await box.git(remote, 'update-ref', BRANCH, tip);
    await box.git(remote, 'reflog', 'expire', '--expire=now', '--all');
    await box.git(remote, 'gc', '-q', '--prune=now');
    const upstream = await upstreamOf(clone);
    expect(await upstream.fetchCommit(BRANCH, lost)).toMatchObject({ kind: 'moved' });
    await box.git(remote, 'update-ref', '-d', BRANCH);
    expect(await upstream.fetchCommit(BRANCH, lost)).toMatchObject({ kind: 'moved' });
    expect(Object.keys(await box.refs(clone)).filter((ref) => ref.startsWith('refs/agentq'))).toEqual([]);
  });

  for (const options of [[], ['--depth=1']]) {
    it(`lets 50 processes fetch in one clone at once (${options.join() || 'full'})`, async () => {
      const { remote, clone } = await remoteAndClone(...options);
      const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
      const before = await traces(clone);
      const fetches = Array.from({ length: 50 }, async () => (await upstreamOf(clone)).fetchCommit(BRANCH, newer));
      expect(new Set((await Promise.all(fetches)).map(({ kind }) => kind))).toEqual(new Set(['present']));
      expect(await traces(clone)).toEqual(before);
    });
  }
});

describe('unshallow', () => {
  it('gets the whole history, with 20 processes at once', async () => {
    const { remote } = await remoteAndClone();
    for (let index = 0; index < 5; index += 1) await box.commitTo(remote, BRANCH, { 'q/T.toon': `${index}\n` });
    const clone = await box.clone(remote, `deepened-${remote}`, '--depth=1');
    const before = await box.refs(clone);
    await Promise.all(Array.from({ length: 20 }, async () => (await upstreamOf(clone)).unshallow(BRANCH)));
    expect(await box.git(clone, 'rev-list', '--count', 'HEAD')).toBe('6');
    expect(await box.refs(clone)).toEqual(before);
  });

  it('does nothing in a full clone, and nothing to be done is no error', async () => {
    const { clone } = await remoteAndClone();
    const upstream = await upstreamOf(clone);
    await upstream.unshallow(BRANCH);
    await upstream.unshallow(BRANCH);
  });
});

describe('push', () => {
  it('moves, creates and deletes refs, each only from what was expected', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    const upstream = await upstreamOf(clone);
    const one = await localCommit(clone, tip, 'one');
    const two = await localCommit(clone, tip, 'two');
    const request = `${REQUESTS}r`;
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: one }])).toEqual({ kind: 'landed' });
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: two }])).toMatchObject({ kind: 'rejected' });
    expect(await upstream.push([{ ref: request, expected: undefined, to: tip }])).toEqual({ kind: 'landed' });
    expect(await upstream.push([{ ref: request, expected: undefined, to: one }])).toMatchObject({ kind: 'rejected' });
    expect(await upstream.push([{ ref: request, expected: one, to: undefined }])).toMatchObject({ kind: 'rejected' });
    expect(await upstream.push([{ ref: request, expected: tip, to: undefined }])).toEqual({ kind: 'landed' });
    expect(await upstream.push([{ ref: request, expected: tip, to: undefined }])).toMatchObject({ kind: 'rejected' });
    expect(await box.refs(remote)).toEqual({ [BRANCH]: one });
  });

  it('does not call it success that the ref has the value already', async () => {
    const { clone, tip } = await remoteAndClone();
    const upstream = await upstreamOf(clone);
    const one = await localCommit(clone, tip, 'one');
    await upstream.push([{ ref: BRANCH, expected: tip, to: one }]);
    // Somebody else made the very same commit: the lease is what tells.
    const again = await upstream.push([{ ref: BRANCH, expected: tip, to: one }]);
    expect(again.kind).not.toBe('landed');
    const created = await upstream.push([{ ref: BRANCH, expected: undefined, to: one }]);
    expect(created.kind).not.toBe('landed');
  });

  it('is all or nothing with atomic', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    const upstream = await upstreamOf(clone);
    await upstream.push([{ ref: `${REQUESTS}r`, expected: undefined, to: tip }]);
    const one = await localCommit(clone, tip, 'one');
    const serve = (base: string) =>
      upstream.push(
        [
          { ref: BRANCH, expected: tip, to: one },
          { ref: `${REQUESTS}r`, expected: base, to: undefined },
        ],
        { atomic: true },
      );
    expect(await serve(one)).toMatchObject({ kind: 'rejected' });
    expect((await box.refs(remote))[BRANCH]).toBe(tip);
    expect(await serve(tip)).toEqual({ kind: 'landed' });
    expect(await box.refs(remote)).toEqual({ [BRANCH]: one });
  });

  it('pushes nothing else and runs no hook, whatever the user configured', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    await box.hook(`${clone}/.git`, 'pre-push', 'exit 1');
    await box.git(clone, 'config', 'core.hooksPath', `${box.path(clone)}/.git/hooks`);
    for (const [key, value] of [
      ['push.followTags', 'true'],
      ['push.gpgSign', 'true'],
      ['push.pushOption', 'nonsense'],
      ['push.recurseSubmodules', 'on-demand'],
      ['push.useForceIfIncludes', 'true'],
      ['push.default', 'matching'],
      ['remote.origin.mirror', 'true'],
      ['remote.origin.push', '+refs/heads/*:refs/heads/*'],
      ['remote.pushDefault', 'nowhere'],
    ] as const) {
      await box.git(clone, 'config', key, value);
    }
    const one = await localCommit(clone, tip, 'one');
    await box.git(clone, 'branch', 'mine');
    await box.git(clone, 'tag', '-a', '-m', 'tag', 'v1', one);
    const upstream = await upstreamOf(clone);
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: one }])).toEqual({ kind: 'landed' });
    expect(await box.refs(remote)).toEqual({ [BRANCH]: one });
  });

  it('pushes from a shallow clone', async () => {
    const { remote } = await remoteAndClone();
    const tip = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    const clone = await box.clone(remote, `shallow-${remote}`, '--depth=1');
    const one = await localCommit(clone, tip, 'one');
    expect(await (await upstreamOf(clone)).push([{ ref: BRANCH, expected: tip, to: one }])).toEqual({ kind: 'landed' });
    expect((await box.refs(remote))[BRANCH]).toBe(one);
  });

  it('lets exactly one of many processes in one clone win', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    const commits = await Promise.all(Array.from({ length: 20 }, (_, index) => localCommit(clone, tip, `n${index}`)));
    const outcomes = await Promise.all(
      commits.map(async (to) => (await upstreamOf(clone)).push([{ ref: BRANCH, expected: tip, to }])),
    );
    const landed = commits.filter((_, index) => outcomes[index]?.kind === 'landed');
    expect(landed).toEqual([(await box.refs(remote))[BRANCH]]);
    const others = outcomes.filter(({ kind }) => kind !== 'landed').map(({ kind }) => kind);
    expect(others.filter((kind) => kind !== 'rejected' && kind !== 'locked')).toEqual([]);
  });

  it('throws when it is aborted', async () => {
    const { clone, tip } = await remoteAndClone();
    const repository = await box.open(clone, { signal: AbortSignal.abort() }).catch((error: unknown) => error);
    expect(repository).toMatchObject({ code: 'interrupted' });
    const controller = new AbortController();
    const upstream = openUpstream(await box.open(clone, { signal: controller.signal }), 'origin');
    controller.abort();
    await expect(upstream.push([{ ref: BRANCH, expected: tip, to: tip }])).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('ssh', () => {
  it('is not waited for where its master stays in the background', async () => {
    const { remote, clone, tip } = await remoteAndClone();
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
    const one = await localCommit(clone, newer, 'one');
    expect(await upstream.push([{ ref: BRANCH, expected: newer, to: one }])).toEqual({ kind: 'landed' });
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: one }])).toMatchObject({ kind: 'unknown' });
    for (const pid of (await box.read('.', `ssh-pids-${clone}`)).trim().split('\n')) process.kill(Number(pid));
  });
});

describe('an abort', () => {
  it('ends every request that hangs, with all its processes, and leaves nothing behind', async () => {
    const { remote, clone, tip } = await remoteAndClone();
    await using http = await HttpGitServer.start(box.root, box.env);
    await box.git(clone, 'remote', 'set-url', 'origin', http.url(remote));
    await box.git(clone, 'config', 'protocol.version', '0');
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    const one = await localCommit(clone, tip, 'one');
    const before = await traces(clone);
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
    expect(await traces(clone)).toEqual(before);
    const processes = await box.run(box.root, 'ps', ['-eo', 'args']);
    expect(processes.stdout).not.toContain(http.url(remote));
  });
});

describe('without a remote', () => {
  async function local() {
    count += 1;
    const dir = `local-${count}`;
    await box.git('.', 'init', '-q', '--bare', dir);
    const tip = await box.commitTo(dir, BRANCH, { 'q/T.toon': 'one\n' });
    return { dir, tip, upstream: openUpstream(await box.open(dir), undefined) };
  }

  it('looks at its own refs', async () => {
    const { dir, tip, upstream } = await local();
    await box.git(dir, 'update-ref', `${REQUESTS}a`, tip);
    await box.git(dir, 'update-ref', 'refs/heads/develop2', tip);
    const look = await upstream.look(BRANCH, [REQUESTS]);
    expect(look).toEqual({ tip, refs: new Map([[`${REQUESTS}a`, tip]]) });
    expect(await upstream.look('refs/heads/none', [])).toEqual({ tip: undefined, refs: new Map() });
    expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
    expect(await upstream.fetchCommit(BRANCH, '1'.repeat(40))).toMatchObject({ kind: 'moved' });
    expect(upstream.kind).toBe('local');
  });

  it('moves refs by compare-and-swap, all or nothing', async () => {
    const { dir, tip, upstream } = await local();
    const one = await localCommit(dir, tip, 'one');
    const two = await localCommit(dir, tip, 'two');
    const request = `${REQUESTS}r`;
    expect(await upstream.push([{ ref: request, expected: undefined, to: tip }])).toEqual({ kind: 'landed' });
    expect(await upstream.push([{ ref: request, expected: undefined, to: tip }])).toMatchObject({ kind: 'rejected' });
    const serve = (expected: string, to: string) =>
      upstream.push([
        { ref: BRANCH, expected, to },
        { ref: request, expected: tip, to: undefined },
      ]);
    expect(await serve(two, one)).toMatchObject({ kind: 'rejected' });
    expect(await serve(tip, one)).toEqual({ kind: 'landed' });
    expect(await serve(one, two)).toMatchObject({ kind: 'rejected' });
    expect(await box.refs(dir)).toEqual({ [BRANCH]: one });
    expect(await upstream.push([{ ref: request, expected: tip, to: undefined }])).toMatchObject({ kind: 'rejected' });
  });

  it('tells a lock from a lost race, and bad input from both', async () => {
    const { dir, tip, upstream } = await local();
    const one = await localCommit(dir, tip, 'one');
    await writeFile(box.path(dir, `${BRANCH}.lock`), '');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: one }])).toMatchObject({ kind: 'locked' });
    await rm(box.path(dir, `${BRANCH}.lock`));
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: '1'.repeat(40) }])).toMatchObject({
      kind: 'refused',
    });
    expect(await upstream.push([{ ref: 'refs/heads/..', expected: tip, to: one }])).toMatchObject({ kind: 'refused' });
  });

  it('lets exactly one of many processes win', async () => {
    const { dir, tip } = await local();
    const commits = await Promise.all(Array.from({ length: 20 }, (_, index) => localCommit(dir, tip, `n${index}`)));
    const outcomes = await Promise.all(
      commits.map(async (to) =>
        openUpstream(await box.open(dir), undefined).push([{ ref: BRANCH, expected: tip, to }]),
      ),
    );
    const landed = commits.filter((_, index) => outcomes[index]?.kind === 'landed');
    expect(landed).toEqual([(await box.refs(dir))[BRANCH]]);
  });
});

/** Everything a fetch could leave in a clone besides objects. */
async function traces(clone: string): Promise<unknown> {
  const gitDir = await box.git(clone, 'rev-parse', '--absolute-git-dir');
  const shallow = await box.tryGit(clone, 'rev-parse', '--is-shallow-repository');
  const names = (await readdir(gitDir)).filter((name) => !['index', 'objects'].includes(name));
  const boundary = names.includes('shallow') ? await box.run(gitDir, 'cat', ['shallow']) : undefined;
  const info = await readdir(`${gitDir}/objects/info`).catch(() => []);
  const config = await box.run(gitDir, 'cat', ['config']);
  return { refs: await box.refs(clone), names, shallow: shallow.stdout, boundary, info, config: config.stdout };
}
