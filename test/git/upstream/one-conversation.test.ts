import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { COLLECTING } from '../../../src/git/upstream/remote.ts';
import type { Silences, Upstream } from '../../../src/git/upstream/upstream.ts';
import { ADVERTISE, RECEIVE, withFakeServer } from '../../kit/remotes/fake-server.ts';
import { EXTRA, type PushScene, type PushSceneOptions, pushScene } from '../../kit/scene/push-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit, REQUESTS } from '../../kit/scene/upstream-scene.ts';

const toPush = { toPush: true };
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const REASON = new Failure('timed-out', 'the deadline of a test');

interface Pushing extends PushScene {
  /** Commands of the git processes that were started. */
  readonly started: () => readonly (string | undefined)[];
}

interface PushingOptions extends PushSceneOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly silences?: Silences;
}

async function pushing(box: Scene, options: PushingOptions = {}): Promise<Pushing> {
  const { env = {}, silences, ...rest } = options;
  const given = await pushScene(box, rest);
  const log: string[][] = [];
  const upstream: Upstream = openUpstream(await box.open(given.clone, { env, log }), 'origin', silences);
  const update = { ref: BRANCH, expected: given.tip, to: given.next };
  const started = () => log.map(([command]) => command).filter((command) => command !== 'config');
  return { ...given, upstream, started, push: () => upstream.push([update]) };
}

/** As it is in a pool: this process has made what it pushes. */
async function made(box: Scene, { clone, tip, next }: PushScene) {
  const repository = await box.open(clone);
  const content = Buffer.from(await box.git(clone, 'cat-file', 'commit', next).then((text) => `${text}\n`));
  const bytes = Buffer.concat([Buffer.from(`commit ${content.length}\0`), content]);
  repository.made.note(next, { base: tip, objects: [{ oid: next, bytes }] });
  return repository;
}

describe('a look and the push that follows, to a folder', () => {
  it('are one process, if this one has made what it pushes', async () => {
    await using box = await scene();
    const given = await pushScene(box);
    const repository = await made(box, given);
    const upstream = openUpstream(repository, 'origin');
    const { tip, next, clone, remote, remoteTip } = given;
    expect(await upstream.look(BRANCH, [REQUESTS], toPush)).toEqual({ tip, refs: new Map() });
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toEqual({ kind: 'landed' });
    // One more for the settings, one for what the clone keeps of the branch, and at times one for the garbage.
    expect(repository.git.processes).toBe(COLLECTING.test(next) ? 4 : 3);
    expect(await remoteTip()).toBe(next);
    expect((await box.refs(clone))['refs/remotes/origin/develop']).toBe(next);
    expect(await box.git(remote, 'fsck', '--strict')).not.toMatch(/missing|broken/);
  });

  it('make, move and delete refs, all or nothing, whatever other refs there are', async () => {
    await using box = await scene();
    const { upstream, remote, tip, next, started } = await pushing(box);
    const requests = ['a', 'b', 'c'].map((name) => `${REQUESTS}${name}`);
    for (const ref of requests) await box.git(remote, 'update-ref', ref, tip);
    expect((await upstream.look(BRANCH, [REQUESTS], toPush)).refs).toEqual(new Map(requests.map((ref) => [ref, tip])));
    const updates = [
      { ref: BRANCH, expected: tip, to: next },
      { ref: `${REQUESTS}b`, expected: tip, to: undefined },
      { ref: EXTRA, expected: undefined, to: tip },
      { ref: `${EXTRA}y`, expected: undefined, to: EMPTY_TREE },
    ];
    expect(await upstream.push(updates, { atomic: true })).toEqual({ kind: 'landed' });
    expect(started().slice(0, 3)).toEqual(['receive-pack', 'pack-objects', 'update-ref']);
    const refs = await box.refs(remote);
    expect(refs).toMatchObject({
      [BRANCH]: next,
      [EXTRA]: tip,
      [`${EXTRA}y`]: EMPTY_TREE,
      [`${REQUESTS}a`]: tip,
      [`${REQUESTS}c`]: tip,
    });
    expect(refs).not.toHaveProperty(`${REQUESTS}b`);
  });

  it('lose a race that somebody else won in between, for certain, all or nothing', async () => {
    await using box = await scene();
    const { upstream, remote, tip, next } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    const winner = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    const updates = [
      { ref: BRANCH, expected: tip, to: next },
      { ref: EXTRA, expected: undefined, to: tip },
    ];
    const outcome = await upstream.push(updates, { atomic: true });
    expect(outcome).toMatchObject({ kind: 'rejected', words: 'stale info' });
    expect(await box.refs(remote)).toMatchObject({ [BRANCH]: winner });
    expect(await box.refs(remote)).not.toHaveProperty(EXTRA);
  });

  it('lose a race that only the server sees', async () => {
    await using box = await scene();
    const { upstream, remote, push, started } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    const winner = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    await box.git(remote, 'pack-refs', '--all');
    expect(await push()).toMatchObject({ kind: 'rejected', words: expect.stringContaining('but expected') });
    expect((await box.refs(remote))[BRANCH]).toBe(winner);
    expect(started()).toEqual(['receive-pack', 'pack-objects']);
  });

  it('of many at once: exactly one wins', async () => {
    await using box = await scene();
    const { clone, remote, tip } = await pushing(box);
    const all = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
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
    for (const outcome of outcomes) expect(['landed', 'rejected', 'locked']).toContain(outcome.kind);
  });

  it('expect what a newer look has shown: the push begins anew', async () => {
    await using box = await scene();
    const { upstream, remote, clone, push, tip } = await pushing(box);
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    expect((await upstream.look(BRANCH, [], toPush)).tip).toBe(newer);
    expect(await push()).toMatchObject({ kind: 'rejected', words: 'stale info' });
    await upstream.look(BRANCH, [], toPush);
    await box.git(remote, 'update-ref', BRANCH, tip);
    const to = await localCommit(box, clone, tip, 'on top');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to }])).toEqual({ kind: 'landed' });
  });

  it('of which some are stale go each for itself, as git has it', async () => {
    await using box = await scene();
    const { upstream, remote, tip, next } = await pushing(box);
    const updates = [
      { ref: BRANCH, expected: tip, to: next },
      { ref: EXTRA, expected: tip, to: undefined },
    ];
    expect((await upstream.push(updates)).kind).toBe('unknown');
    expect((await box.refs(remote))[BRANCH]).toBe(next);
  });

  it('keep nothing open, and end with what the process is told', async () => {
    await using box = await scene();
    const { upstream, push, started } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    upstream.close?.();
    expect(await push()).toEqual({ kind: 'landed' });
    expect(started().filter((command) => command === 'receive-pack')).toHaveLength(2);
    const told = AbortSignal.abort(REASON);
    await expect(upstream.look(BRANCH, [], { ...toPush, signal: told })).rejects.toBe(REASON);
  });

  it('of a branch that does not exist asks again for reading', async () => {
    await using box = await scene();
    const { upstream, started } = await pushing(box);
    expect(await upstream.look('refs/heads/none', [], toPush)).toEqual({ tip: undefined, refs: new Map() });
    expect(started()).toEqual(['receive-pack', 'ls-remote']);
  });

  it('give the hooks of the server nothing of this repository', async () => {
    await using box = await scene();
    const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.hooksPath', GIT_CONFIG_VALUE_0: '/nowhere' };
    const { upstream, push, remote, started } = await pushing(box, { env: { ...env, GIT_PROTOCOL: 'version=2' } });
    const names = "env | grep '^GIT_' | sed 's/=.*//'";
    await box.hook(
      remote,
      'pre-receive',
      `{ ${names}; echo "$GIT_CONFIG_PARAMETERS"; git config gc.auto; } > seen; true`,
    );
    await upstream.look(BRANCH, [], toPush);
    expect(await push()).toEqual({ kind: 'landed' });
    expect(started()).not.toContain('push');
    const seen = (await box.run(box.path(remote), 'cat', ['seen'])).stdout.split('\n');
    const own = ['GIT_CONFIG_COUNT', 'GIT_PROTOCOL', 'GIT_NO_REPLACE_OBJECTS', '0'];
    expect(seen).toContain('GIT_QUARANTINE_PATH');
    expect(seen).toContain("'receive.autogc'='false'");
    for (const name of own) expect(seen).not.toContain(name);
  });
});

describe('a look at a folder', () => {
  it('is one process, and lists what is asked for', async () => {
    await using box = await scene();
    const { upstream, remote, tip, started } = await pushing(box);
    for (const ref of [`${BRANCH}2`, 'refs/tags/v1', `${REQUESTS}a`]) await box.git(remote, 'update-ref', ref, tip);
    expect(await upstream.look(BRANCH, [REQUESTS])).toEqual({ tip, refs: new Map([[`${REQUESTS}a`, tip]]) });
    expect(started()).toEqual(['upload-pack']);
    await box.git(remote, 'config', 'uploadpack.hideRefs', 'refs/agentq');
    expect(await upstream.look(BRANCH, [REQUESTS])).toEqual({ tip, refs: new Map() });
  });

  it('goes the usual way where that says more', async () => {
    await using box = await scene();
    const { upstream, remote, started } = await pushing(box);
    expect((await upstream.look('refs/heads/none', [])).tip).toBeUndefined();
    await box.write(remote, { HEAD: 'nothing\n' });
    await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-refused' });
    expect(started()).toEqual(['upload-pack', 'ls-remote', 'upload-pack', 'ls-remote']);
  });
});

const SILENCES: Silences = { look: 300, fetch: 300, push: 300 };
const FIRST = `${'a'.repeat(40)} refs/heads/develop`;
const OTHERS: readonly (readonly [string, string])[] = [
  ['it says nothing, and ends', 'exit 1'],
  ['it says what is no packet', 'echo "Welcome to the machine"'],
  ['it cannot mark its words', `printf '0050${FIRST}\\0report-status  \\n0000'; cat > /dev/null`],
  ['it is shallow', `${ADVERTISE} | head -c -4; printf '0035shallow ${'a'.repeat(40)}\\n0000'; cat > /dev/null`],
];

describe('goes the usual way, and lands,', () => {
  it.each(OTHERS)('where the server is unusual: %s', async (_, script) => {
    await using box = await scene();
    const env = await withFakeServer(box, 'unusual', script);
    const { upstream, push, tip, next, remoteTip, started } = await pushing(box, { env });
    expect((await upstream.look(BRANCH, [], toPush)).tip).toBe(tip);
    expect(await push()).toEqual({ kind: 'landed' });
    expect(await remoteTip()).toBe(next);
    // It is not asked again.
    expect(started()).toEqual(['receive-pack', 'ls-remote', 'push']);
  });

  it.each<[string, PushingOptions]>([
    ['a shallow clone', { cloning: ['--depth=1'] }],
    ['a partial clone', { cloning: ['--filter=blob:none'] }],
    ['a user who says what git may do', { env: { GIT_ALLOW_PROTOCOL: 'file' } }],
    ['a path in which something is encoded', { urlOf: (remote) => `file://${remote.replace('clone', '%63lone')}` }],
  ])('%s', async (_, options) => {
    await using box = await scene();
    const urlOf = options.urlOf ?? ((remote: string) => remote);
    const { upstream, push, started } = await pushing(box, {
      ...options,
      urlOf: (remote) => urlOf(`${options.urlOf === undefined ? 'file://' : ''}${box.path(remote)}`),
    });
    await upstream.look(BRANCH, [], toPush);
    expect(await push()).toEqual({ kind: 'landed' });
    expect(started()).toEqual(['ls-remote', 'push']);
  });
});

describe('what becomes of a push if the server', () => {
  const thenDo = (script: string): string => `${ADVERTISE}\n${script}`;
  it.each<[string, string, object, 'written' | 'not written']>([
    ['answers', thenDo(RECEIVE), { kind: 'landed' }, 'written'],
    ['ends when it is asked', thenDo('head -c 1 > /dev/null'), { kind: 'unknown' }, 'not written'],
    ['ends without an answer', thenDo(`${RECEIVE} > /dev/null`), { kind: 'unknown' }, 'written'],
    ['ends in the middle of the answer', thenDo(`${RECEIVE} | head -c 20`), { kind: 'unknown' }, 'written'],
    ['ends before the end of the answer', thenDo(`${RECEIVE} | head -c -4`), { kind: 'unknown' }, 'written'],
    ['answers in other words', thenDo('head -c 1 > /dev/null; echo done'), { kind: 'unknown' }, 'not written'],
    [
      'has no room',
      thenDo("head -c 1 > /dev/null; echo 'fatal: write error: No space left on device' >&2; exit 128"),
      { kind: 'local', failure: { code: 'machine-unusable' } },
      'not written',
    ],
    [
      'never answers',
      thenDo('head -c 1 > /dev/null; exec sleep 60'),
      { kind: 'unknown', words: expect.stringContaining('no answer') },
      'not written',
    ],
  ])('%s', async (name, script, outcome, effect) => {
    await using box = await scene();
    const env = await withFakeServer(box, 'broken', script);
    const silences = name === 'never answers' ? SILENCES : { ...SILENCES, look: 60_000, push: 60_000 };
    const { upstream, push, tip, next, remoteTip } = await pushing(box, { env, silences });
    await upstream.look(BRANCH, [], toPush);
    expect(await push()).toMatchObject(outcome);
    expect(await remoteTip()).toBe(effect === 'written' ? next : tip);
  });

  it('has ended before it is asked: another one is, if that is noticed', async () => {
    await using box = await scene();
    const env = await withFakeServer(box, 'short', thenDo(`mkdir "$0.used" && exit 0\n${RECEIVE}`));
    const { upstream, push, tip, next, remoteTip } = await pushing(box, { env });
    await upstream.look(BRANCH, [], toPush);
    const { kind } = await push();
    expect(['landed', 'unknown']).toContain(kind);
    expect(await remoteTip()).toBe(kind === 'landed' ? next : tip);
  });

  it('says nothing at all: nothing was sent', async () => {
    await using box = await scene();
    const env = await withFakeServer(box, 'silent', 'exec sleep 60');
    const { upstream, push } = await pushing(box, { env, silences: SILENCES });
    await expect(upstream.look(BRANCH, [], toPush)).rejects.toMatchObject({ code: 'remote-unreachable' });
    await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-unreachable' });
    expect(await push()).toMatchObject({ kind: 'transient', words: expect.stringContaining('no answer') });
  });

  it('is asked to end while it works: it may have landed', async () => {
    await using box = await scene();
    const env = await withFakeServer(box, 'held', thenDo('head -c 1 > /dev/null; exec sleep 60'));
    const { upstream, tip, next } = await pushing(box, { env });
    const controller = new AbortController();
    await upstream.look(BRANCH, [], toPush);
    const pushed = upstream.push([{ ref: BRANCH, expected: tip, to: next }], { signal: controller.signal });
    setImmediate(() => controller.abort(REASON));
    // Whichever was first: nothing is known to have been sent, or nothing is known of it.
    expect(['unknown', 'transient']).toContain((await pushed).kind);
  });
});
