import { describe, expect, it } from 'vitest';
import type { RefUpdate } from '../../../src/git/answers/push-outcome.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import type { Fault, RequestKind } from '../../kit/remotes/http-git-server.ts';
import { LIST, pushing, reading, traffic, withHelper } from '../../kit/scene/http-scene.ts';
import { EXTRA } from '../../kit/scene/push-scene.ts';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit, REQUESTS } from '../../kit/scene/upstream-scene.ts';

const toPush = { toPush: true };
const ONE = [['info-push', 'push'], 1];
const TWO = [['info-push', 'info-push', 'push'], 2];

describe('a look and the push that follows', () => {
  it('take one connection and two requests', async () => {
    await using box = await scene();
    const { upstream, push, tip, next, clone, remoteTip } = await pushing(box);
    expect(await upstream.look(BRANCH, [REQUESTS], toPush)).toEqual({ tip, refs: new Map() });
    expect(await push()).toEqual({ kind: 'landed' });
    expect(await traffic(box)).toEqual(ONE);
    expect(await remoteTip()).toBe(next);
    // As `git push` does.
    expect((await box.refs(clone))['refs/remotes/origin/develop']).toBe(next);
  });

  it('make, move and delete refs, all or nothing, whatever other refs there are', async () => {
    await using box = await scene();
    const { upstream, remote, tip, next } = await pushing(box);
    const requests = ['a', 'b', 'c'].map((name) => `${REQUESTS}${name}`);
    for (const ref of requests) await box.git(remote, 'update-ref', ref, tip);
    expect((await upstream.look(BRANCH, [REQUESTS], toPush)).refs).toEqual(new Map(requests.map((ref) => [ref, tip])));
    const updates: RefUpdate[] = [
      { ref: BRANCH, expected: tip, to: next },
      { ref: `${REQUESTS}b`, expected: tip, to: undefined },
      { ref: EXTRA, expected: undefined, to: tip },
    ];
    expect(await upstream.push(updates, { atomic: true })).toEqual({ kind: 'landed' });
    expect(await traffic(box)).toEqual(ONE);
    const refs = await box.refs(remote);
    expect(refs).toMatchObject({ [BRANCH]: next, [EXTRA]: tip, [`${REQUESTS}a`]: tip, [`${REQUESTS}c`]: tip });
    expect(refs).not.toHaveProperty(`${REQUESTS}b`);
  });

  it('lose a race that somebody else won in between, all or nothing', async () => {
    await using box = await scene();
    const { upstream, remote, pushAtomic } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    const winner = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    // The server says so, and curl may have sent the push twice.
    expect(await pushAtomic()).toMatchObject({ kind: 'unknown', likely: 'rejected' });
    expect(await box.refs(remote)).toMatchObject({ [BRANCH]: winner });
    expect(await box.refs(remote)).not.toHaveProperty(EXTRA);
  });

  it('of many at once: exactly one wins', async () => {
    await using box = await scene();
    const { clone, remote, tip } = await pushing(box);
    const all = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const upstream = openUpstream(await box.open(clone), 'origin');
        const to = await localCommit(box, clone, tip, `commit ${index}`);
        await upstream.look(BRANCH, [], toPush);
        return { upstream, to };
      }),
    );
    const outcomes = await Promise.all(
      all.map(({ upstream, to }) => upstream.push([{ ref: BRANCH, expected: tip, to }])),
    );
    const landed = all.filter((_, index) => outcomes[index]?.kind === 'landed').map(({ to }) => to);
    expect(landed).toEqual([(await box.refs(remote))[BRANCH]]);
    expect(outcomes.filter(({ kind }) => kind !== 'landed')).toHaveLength(7);
    for (const outcome of outcomes) expect(['landed', 'rejected', 'unknown', 'locked']).toContain(outcome.kind);
  });

  it('that expects other refs than the look has shown goes its own way', async () => {
    await using box = await scene();
    const { upstream, remote, clone, push } = await pushing(box);
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    expect((await upstream.look(BRANCH, [], toPush)).tip).toBe(newer);
    expect(await push()).toMatchObject({ kind: 'rejected' });
    const last = await upstream.look(BRANCH, [], toPush);
    await upstream.fetchCommit(BRANCH, newer);
    const to = await localCommit(box, clone, newer, 'on top');
    expect(await upstream.push([{ ref: BRANCH, expected: last.tip, to }])).toEqual({ kind: 'landed' });
  });

  it('that is late goes its own way: nothing is kept open', async () => {
    await using box = await scene();
    const { upstream, push } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    upstream.close?.();
    expect(await push()).toEqual({ kind: 'landed' });
    expect(await traffic(box)).toEqual(TWO);
  });

  it('of a branch that does not exist asks again for reading', async () => {
    await using box = await scene();
    const { upstream } = await pushing(box);
    expect(await upstream.look('refs/heads/none', [], toPush)).toEqual({ tip: undefined, refs: new Map() });
  });
});

const basic = { 'WWW-Authenticate': 'Basic realm="git"' };

describe('what servers answer to a push over the connection of a look', () => {
  const status = (code: number): Fault => ({ kind: 'status', status: code });
  const rows: readonly (readonly [string, Fault, object, 'written' | 'not written'])[] = [
    ['403', status(403), { kind: 'refused', reason: 'authentication' }, 'not written'],
    ['413', status(413), { kind: 'refused', reason: 'too-large' }, 'not written'],
    ['429', status(429), { kind: 'transient', reason: 'rate-limited' }, 'not written'],
    ['503', status(503), { kind: 'unknown' }, 'not written'],
    ['a reset', { kind: 'reset' }, { kind: 'unknown' }, 'not written'],
    ['a reset after it landed', { kind: 'reset-after' }, { kind: 'unknown' }, 'written'],
    ['nothing after it landed', { kind: 'truncate', bytes: 0 }, { kind: 'unknown' }, 'written'],
    ['half an answer after it landed', { kind: 'truncate', bytes: 20 }, { kind: 'unknown' }, 'written'],
  ];
  it.each(rows)('%s', async (_name, fault, outcome, effect) => {
    await using box = await scene();
    const http = await box.http();
    const { upstream, push, remoteTip, tip, next } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    http.fault = ({ kind }) => (kind === 'push' ? fault : undefined);
    expect(await push()).toMatchObject({ ...outcome, words: expect.stringMatching(/\S/) });
    expect(await remoteTip()).toBe(effect === 'written' ? next : tip);
  });

  const hooks: readonly (readonly [string, string, object])[] = [
    ['pre-receive', 'echo "not on a Friday" >&2; exit 1', { kind: 'refused', reason: 'declined', refs: [BRANCH] }],
    ['update', 'echo no; exit 1', { kind: 'refused', reason: 'declined', refs: [BRANCH] }],
  ];
  it.each(hooks)('a %s hook declines', async (name, script, outcome) => {
    await using box = await scene();
    const { upstream, push, remote, remoteTip, tip } = await pushing(box);
    await box.hook(remote, name, script);
    await upstream.look(BRANCH, [], toPush);
    expect(await push()).toMatchObject(outcome);
    expect(await remoteTip()).toBe(tip);
  });

  it('a server that cannot push atomically', async () => {
    await using box = await scene();
    const { upstream, pushAtomic, remote } = await pushing(box);
    await box.git(remote, 'config', 'receive.advertiseAtomic', 'false');
    await upstream.look(BRANCH, [], toPush);
    expect(await pushAtomic()).toMatchObject({ kind: 'refused', reason: 'no-atomic' });
  });
});

describe('what servers answer to a look that announces a push', () => {
  it('that cannot be reached: it is said, and the next look tries the other way', async () => {
    await using box = await scene();
    const http = await box.http();
    const { upstream } = await pushing(box);
    http.fault = ({ kind }) => (kind === 'info-push' ? { kind: 'status', status: 503 } : undefined);
    await expect(upstream.look(BRANCH, [], toPush)).rejects.toMatchObject({ code: 'remote-unreachable' });
    expect(await traffic(box)).toEqual([['info-push'], 1]);
    expect((await upstream.look(BRANCH, [], toPush)).tip).toBeDefined();
    http.fault = () => undefined;
    await traffic(box);
    await upstream.look(BRANCH, [], toPush);
    expect(await traffic(box)).toEqual([['info-push'], 1]);
  });

  it.each([401, 403, 404])('%i, although it may be read: it is read', async (code) => {
    await using box = await scene();
    const http = await box.http();
    const { upstream, tip, push } = await pushing(box);
    http.fault = ({ kind }) => (kind === 'info-push' ? { kind: 'status', status: code, headers: basic } : undefined);
    expect((await upstream.look(BRANCH, [], toPush)).tip).toBe(tip);
    expect(await push()).toMatchObject({ kind: 'refused' });
  });

  it('nothing for too long', async () => {
    await using box = await scene();
    const http = await box.http();
    const { clone } = await pushing(box);
    const silences = { look: 100, fetch: 100, push: 100 };
    const upstream = openUpstream(await box.open(clone), 'origin', silences);
    http.fault = ({ kind }) => (kind === 'info-push' ? { kind: 'hang' } : undefined);
    await expect(upstream.look(BRANCH, [], toPush)).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringContaining('no answer for 100ms'),
    });
  });

  it('ends with the signal, and so does the push', async () => {
    await using box = await scene();
    const http = await box.http();
    const { upstream, push, tip, next } = await pushing(box);
    const reason = new Error('enough');
    const ending = new AbortController();
    const hang = (kind: RequestKind, then: AbortController) => {
      http.fault = (request) => {
        if (request.kind !== kind) return undefined;
        setImmediate(() => then.abort(reason));
        return { kind: 'hang' };
      };
    };
    hang('info-push', ending);
    await expect(upstream.look(BRANCH, [], { toPush: true, signal: ending.signal })).rejects.toBe(reason);
    http.fault = () => undefined;
    await upstream.look(BRANCH, [], toPush);
    const later = new AbortController();
    hang('push', later);
    const update = { ref: BRANCH, expected: tip, to: next };
    expect(await upstream.push([update], { signal: later.signal })).toMatchObject({ kind: 'unknown' });
    http.fault = () => undefined;
    expect(await push()).toEqual({ kind: 'landed' });
  });
});

describe('a helper that does not do what it should', () => {
  const before: readonly (readonly [string, (tip: string) => string])[] = [
    ['is not there', () => 'echo "git: no such command" >&2; exit 1'],
    ['ends at once, without a word', () => 'exit 0'],
    ['can do nothing', () => reading(2, "printf 'fetch\\n\\n\\n'", 'cat >/dev/null')],
    ['breaks off in its list', (tip) => reading(2, `printf 'push\\noption\\n\\n${tip} ${BRANCH}\\n'`)],
    ['lists what is no ref', () => reading(2, "printf 'push\\noption\\n\\n? refs/heads/x\\n\\n'", 'cat >/dev/null')],
    ['knows no options', (tip) => reading(2, LIST(tip), 'read -r line', 'echo unsupported', 'cat >/dev/null')],
    ['dies before the push', (tip) => reading(2, LIST(tip), 'read -r line', 'exit 1')],
    ['dies after its list', (tip) => reading(2, LIST(tip), 'exit 0')],
  ];
  it.each(before)('%s: the other way is taken', async (_name, script) => {
    await using box = await scene();
    const { clone, tip, next, remoteTip } = await pushing(box);
    const upstream = await withHelper(box, clone, script(tip));
    expect((await upstream.look(BRANCH, [], toPush)).tip).toBe(tip);
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toEqual({ kind: 'landed' });
    expect(await remoteTip()).toBe(next);
  });

  const PUSHED = (tip: string, ...then: readonly string[]) =>
    reading(2, LIST(tip), 'read -r line', 'echo ok', 'read -r line', 'read -r line', ...then);
  const during: readonly (readonly [string, (tip: string) => string])[] = [
    ['dies', (tip) => PUSHED(tip, 'exit 1')],
    ['is killed', (tip) => PUSHED(tip, 'kill -9 $$')],
    [
      'says that it cannot reach the server',
      (tip) => PUSHED(tip, 'echo "fatal: unable to access \'x\': no" >&2; exit 128'),
    ],
    ['says nothing of the ref', (tip) => PUSHED(tip, 'echo')],
    ['says what nobody understands', (tip) => PUSHED(tip, "printf 'perhaps\\n\\n'")],
    ['speaks of another ref only', (tip) => PUSHED(tip, "printf 'ok refs/heads/other\\n\\n'")],
    ['breaks off after its answer', (tip) => PUSHED(tip, `printf 'ok ${BRANCH}\\n'`, 'exit 1')],
  ];
  it.each(during)('%s, once the push was sent: unknown', async (_name, script) => {
    await using box = await scene();
    const { clone, tip, next } = await pushing(box);
    const upstream = await withHelper(box, clone, script(tip));
    await upstream.look(BRANCH, [], toPush);
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toMatchObject({ kind: 'unknown' });
  });
});
