import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { descendants, isRunning } from '../../../src/git/process/kill-tree.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import type { Silences, Upstream } from '../../../src/git/upstream/upstream.ts';
import { GitQueueStore } from '../../../src/store/git-queue-store.ts';
import type { RequestKind } from '../../kit/remotes/http-git-server.ts';
import { pushScene } from '../../kit/scene/push-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH } from '../../kit/scene/upstream-scene.ts';

const REASON = new Failure('timed-out', 'the deadline of a test');
const FILES = { '.agents/q/tasks/T-1.toon': 'task:\n  id: T-1\n' };

/** A clone over http, whose remote has one commit more than the clone. */
async function behind(box: Scene, name = 'clone', ...cloning: readonly string[]) {
  const http = await box.http();
  const urlOf = (remote: string) => http.url(remote);
  const pushing = await pushScene(box, { name, files: FILES, urlOf, cloning });
  const newer = await box.commitTo(pushing.remote, 'refs/heads/other', { 'q/U.toon': 'two\n' });
  return { ...pushing, newer };
}

async function upstreamOf(box: Scene, clone: string, silences?: Silences): Promise<Upstream> {
  return openUpstream(await box.open(clone), 'origin', silences);
}

/** A signal that is aborted once a request of the kind has arrived, which is never answered. */
async function abortedBy(box: Scene, kind: RequestKind, after = false): Promise<AbortSignal> {
  const http = await box.http();
  const controller = new AbortController();
  http.fault = (request) => {
    if (request.kind !== kind) return undefined;
    setImmediate(() => controller.abort(REASON));
    return { kind: 'hang', after };
  };
  return controller.signal;
}

function children(): number {
  return descendants(process.pid).length;
}

describe('a signal ends', () => {
  it('a look, with its reason and all that git has started', async () => {
    await using box = await scene();
    const { upstream } = await behind(box);
    const before = children();
    const signal = await abortedBy(box, 'info-fetch');
    await expect(upstream.look(BRANCH, [], { signal })).rejects.toBe(REASON);
    expect(children()).toBe(before);
  });

  it('a fetch of a commit, of objects, and of a whole history', async () => {
    await using box = await scene();
    const { upstream, newer } = await behind(box);
    await expect(upstream.fetchCommit(BRANCH, newer, { signal: await abortedBy(box, 'fetch') })).rejects.toBe(REASON);
    await expect(upstream.fetchObjects([newer], { signal: await abortedBy(box, 'fetch') })).rejects.toBe(REASON);
    const { upstream: shallow } = await behind(box, 'shallow', '--depth=1');
    await expect(shallow.unshallow(BRANCH, { signal: await abortedBy(box, 'fetch') })).rejects.toBe(REASON);
  });

  it('a push, which may have landed', async () => {
    await using box = await scene();
    for (const landed of [false, true]) {
      const { upstream, remote, tip, next } = await behind(box, `landed-${landed}`);
      // Aborted only once git has carried the push out: the server answers to nobody then.
      const signal = await abortedBy(box, 'push', landed);
      const push = upstream.push([{ ref: BRANCH, expected: tip, to: next }], { signal });
      expect(await push).toEqual({ kind: 'unknown', words: 'it was ended before the remote answered' });
      if (!landed) expect((await box.refs(remote))[BRANCH]).toBe(tip);
    }
  });

  it('nothing that was not begun: a push says that nothing was sent, and a reading gives the reason', async () => {
    await using box = await scene();
    const { clone, tip, next, newer } = await behind(box);
    const log: string[][] = [];
    const upstream = openUpstream(await box.open(clone, { log }), 'origin');
    const started = log.length;
    const signal = AbortSignal.abort(REASON);
    const update = { ref: BRANCH, expected: tip, to: next };
    expect(await upstream.push([update], { signal })).toMatchObject({ kind: 'transient' });
    await expect(upstream.look(BRANCH, [], { signal })).rejects.toBe(REASON);
    await expect(upstream.fetchCommit(BRANCH, newer, { signal })).rejects.toBe(REASON);
    expect(log).toHaveLength(started);
    const local = openUpstream(await box.open(clone), undefined);
    expect(await local.push([update], { signal })).toMatchObject({ kind: 'transient' });
    await expect(local.look(BRANCH, [], { signal })).rejects.toBe(REASON);
  });

  it('helpers that do not want to end', async () => {
    await using box = await scene();
    const { clone, tip, next } = await behind(box);
    await box.git(clone, 'remote', 'set-url', 'origin', 'ssh://host/r.git');
    const started = box.path('ssh-started');
    await writeFile(
      box.path('stubborn'),
      `#!/bin/sh\ntrap '' TERM\necho $$ > ${started}\nwhile :; do sleep 60; done\n`,
    );
    await chmod(box.path('stubborn'), 0o755);
    const env = { GIT_SSH_COMMAND: box.path('stubborn'), GIT_SSH_VARIANT: 'ssh' };
    const upstream = openUpstream(await box.open(clone, { env }), 'origin');
    const controller = new AbortController();
    const push = upstream.push([{ ref: BRANCH, expected: tip, to: next }], { signal: controller.signal });
    const helper = () => box.read('.', 'ssh-started').catch(() => '');
    await expect.poll(helper).toMatch(/^\d+\n$/);
    controller.abort(REASON);
    expect(await push).toMatchObject({ kind: 'unknown' });
    await expect.poll(async () => isRunning(Number(await helper())), { timeout: 10_000 }).toBe(false);
  });

  it("the reading of a snapshot, also where a partial clone's files are fetched for it", async () => {
    await using box = await scene();
    const http = await box.http();
    const { clone, tip } = await behind(box, 'clone', '--filter=blob:none', '--no-checkout');
    const repository = await box.open(clone);
    const objects = openObjects(repository);
    const store = new GitQueueStore(repository, openUpstream(repository, 'origin'), objects, 'develop');
    const scope = { read: new Set(['ready'] as const) };
    await expect(store.look([], { signal: await abortedBy(box, 'info-fetch') })).rejects.toBe(REASON);
    await expect(store.snapshot(tip, scope, { signal: await abortedBy(box, 'fetch') })).rejects.toBe(REASON);
    http.fault = () => undefined;
    const snapshot = await store.snapshot(tip, scope, { signal: new AbortController().signal });
    expect(snapshot.projects.get('q')?.entries.map(({ reading }) => reading.kind)).toEqual(['read']);
    await objects.close();
  });
});

describe('a silence', () => {
  /** Takes connections and says nothing. */
  let mute: Server;
  beforeAll(async () => {
    mute = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    mute.close();
  });

  it('makes a look and a fetch unreachable, and a push unknown', async () => {
    await using box = await scene();
    const { clone, tip, next, newer } = await behind(box);
    const address = mute.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await box.git(clone, 'remote', 'set-url', 'origin', `git://127.0.0.1:${port}/r.git`);
    const upstream = await upstreamOf(box, clone, { look: 100, fetch: 200, push: 300 });
    const silent = (words: string) => ({ code: 'remote-unreachable', message: expect.stringContaining(words) });
    await expect(upstream.look(BRANCH, [])).rejects.toMatchObject(silent('no answer for 100ms'));
    await expect(upstream.fetchCommit(BRANCH, newer)).rejects.toMatchObject(silent('no answer for 200ms'));
    const push = upstream.push([{ ref: BRANCH, expected: tip, to: next }]);
    expect(await push).toEqual({ kind: 'unknown', words: 'no answer for 300ms' });
  });

  it('is none where a hook prints a line now and then', async () => {
    await using box = await scene();
    const { clone, remote, tip, next } = await behind(box);
    await box.git(clone, 'remote', 'set-url', 'origin', `file://${box.path(remote)}`);
    await box.hook(remote, 'pre-receive', 'for i in 1 2 3 4 5 6 7 8; do echo working >&2; sleep 0.5; done');
    const upstream = await upstreamOf(box, clone, { look: 3000, fetch: 3000, push: 3000 });
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toEqual({ kind: 'landed' });
  });
});
