import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import type { Fault, RequestKind } from '../../kit/remotes/http-git-server.ts';
import { type PushScene, pushScene } from '../../kit/scene/push-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH } from '../../kit/scene/upstream-scene.ts';

/** A clone over http that has something to push. */
async function pushing(box: Scene, name = 'pushing'): Promise<PushScene> {
  const http = await box.http();
  return pushScene(box, { name, urlOf: (remote) => http.url(remote) });
}

describe('what servers answer over http', () => {
  it('landed, and rejected', async () => {
    await using box = await scene();
    const { push } = await pushing(box);
    expect(await push()).toEqual({ kind: 'landed' });
    const late = await pushing(box, 'late');
    await box.commitTo(late.remote, BRANCH, { 'q/T.toon': 'two\n' });
    expect(await late.push()).toMatchObject({ kind: 'rejected' });
  });

  const basic = { 'WWW-Authenticate': 'Basic realm="git"' };
  const rows: readonly (readonly [string, RequestKind, Fault, object])[] = [
    [
      '401',
      'info-push',
      { kind: 'status', status: 401, headers: basic },
      { kind: 'refused', reason: 'authentication' },
    ],
    ['403', 'info-push', { kind: 'status', status: 403 }, { kind: 'refused', reason: 'authentication' }],
    ['403 for the push itself', 'push', { kind: 'status', status: 403 }, { kind: 'refused', reason: 'authentication' }],
    ['404', 'info-push', { kind: 'status', status: 404 }, { kind: 'refused', reason: 'no-repository' }],
    ['413 for the push itself', 'push', { kind: 'status', status: 413 }, { kind: 'refused', reason: 'too-large' }],
    ['429 for the push itself', 'push', { kind: 'status', status: 429 }, { kind: 'transient', reason: 'rate-limited' }],
    ['429', 'info-push', { kind: 'status', status: 429 }, { kind: 'transient', reason: 'rate-limited' }],
    ['500', 'info-push', { kind: 'status', status: 500 }, { kind: 'transient' }],
    ['503', 'info-push', { kind: 'status', status: 503 }, { kind: 'transient' }],
    ['a reset on the first request', 'info-push', { kind: 'reset' }, { kind: 'transient' }],
    ['a reset of the push', 'push', { kind: 'reset' }, { kind: 'unknown' }],
    ['503 for the push itself', 'push', { kind: 'status', status: 503 }, { kind: 'unknown' }],
  ];
  for (const [name, request, fault, outcome] of rows) {
    it(`${name}: nothing was written`, async () => {
      await using box = await scene();
      const http = await box.http();
      const { push, remoteTip, tip } = await pushing(box);
      // Every one: curl sends a request again whose connection was reset.
      http.fault = ({ kind }) => (kind === request ? fault : undefined);
      expect(await push()).toMatchObject(outcome);
      expect(await remoteTip()).toBe(tip);
    });
  }

  const lost: readonly (readonly [string, Fault])[] = [
    ['reset', { kind: 'reset-after' }],
    ['cut off at once', { kind: 'truncate', bytes: 0 }],
    ['cut off in the middle', { kind: 'truncate', bytes: 20 }],
  ];
  for (const [name, fault] of lost) {
    it(`an answer that is ${name} after the push landed is unknown`, async () => {
      await using box = await scene();
      const http = await box.http();
      const { push, remoteTip, next } = await pushing(box);
      http.fault = ({ kind }) => (kind === 'push' ? fault : undefined);
      expect(await push()).toMatchObject({ kind: 'unknown', words: expect.stringMatching(/\S/) });
      expect(await remoteTip()).toBe(next);
    });
  }

  it('a race lost to the first copy of itself is unknown: curl sent the push twice', async () => {
    await using box = await scene();
    const http = await box.http();
    const { push, remoteTip, next } = await pushing(box);
    http.seen.length = 0;
    http.failNext('push', { kind: 'reset-after' });
    expect(await push()).toMatchObject({
      kind: 'unknown',
      likely: 'rejected',
      words: expect.stringContaining(`is at ${next}`),
    });
    expect(http.seen.filter(({ kind }) => kind === 'push')).toHaveLength(2);
    expect(await remoteTip()).toBe(next);
  });

  it('a push that is sent again because the first copy never arrived lands', async () => {
    await using box = await scene();
    const http = await box.http();
    const { push, remoteTip, next } = await pushing(box);
    http.failNext('push', { kind: 'reset' });
    expect(await push()).toEqual({ kind: 'landed' });
    expect(await remoteTip()).toBe(next);
  });

  it('nobody listening, and a name that does not resolve, are transient', async () => {
    await using box = await scene();
    const { clone, tip, next } = await pushing(box);
    const port = await freePort();
    for (const url of [`http://127.0.0.1:${port}/x.git`, 'http://nohost.invalid/x.git', 'ssh://nohost.invalid/x.git']) {
      await box.git(clone, 'remote', 'set-url', 'origin', url);
      const upstream = openUpstream(await box.open(clone), 'origin');
      const outcome = await upstream.push([{ ref: BRANCH, expected: tip, to: next }]);
      expect(outcome, url).toMatchObject({ kind: 'transient' });
    }
  });

  it('does not show a password', async () => {
    await using box = await scene();
    const { clone, tip, next } = await pushing(box);
    const port = await freePort();
    await box.git(clone, 'remote', 'set-url', 'origin', `http://agent:secret@127.0.0.1:${port}/x.git`);
    const upstream = openUpstream(await box.open(clone), 'origin');
    const outcome = await upstream.push([{ ref: BRANCH, expected: tip, to: next }]);
    expect(JSON.stringify(outcome)).not.toContain('secret');
    await expect(upstream.look(BRANCH, [])).rejects.not.toThrow('secret');
  });

  it('reads are unreachable or refused', async () => {
    await using box = await scene();
    const http = await box.http();
    const { upstream } = await pushing(box);
    for (const status of [500, 503, 429]) {
      http.failNext('info-fetch', { kind: 'status', status });
      await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-unreachable' });
    }
    http.failNext('info-fetch', { kind: 'reset' });
    await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-unreachable' });
    for (const status of [401, 403, 404]) {
      http.failNext('info-fetch', { kind: 'status', status, headers: basic });
      await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-refused' });
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}
