import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import { type Beat, formatBeats } from '../../../src/domain/leases/ref-heartbeat.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { storeBlob } from '../../../src/git/objects/store-blob.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { heartbeatRef } from '../../../src/store/leases/heartbeat-names.ts';
import { HeartbeatRefs } from '../../../src/store/leases/heartbeat-refs.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const BRANCH = 'refs/heads/develop';
const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const task = { project: 'shop', id: 'T-1' };

function beat(agent: string, claimId: string, hoursAgo = 0): Beat {
  return { agent, task, claimId, at: new Date(NOW - hoursAgo * HOUR).toISOString() };
}

const QUEUE = { files: { 'README.md': 'A queue\n' }, clones: ['clone'] };

/** What processes of one clone do with the refs of claims. */
async function claimsIn(box: Scene) {
  const { remote } = box;
  const repository = await box.open('clone');
  const upstream = openUpstream(repository, 'origin');
  const objects = box.owns(openObjects(repository));
  return {
    process: (branch = BRANCH) => new HeartbeatRefs((bytes) => storeBlob(repository, bytes), upstream, objects, branch),
    refs: async () => Object.keys(await box.refs(remote)).filter((ref) => ref.startsWith('refs/agentq/')),
    hide: () => box.git(remote, 'config', 'uploadpack.hideRefs', 'refs/agentq'),
    async point(ref: string, ...beats: readonly Beat[]) {
      const input = formatBeats(beats);
      const { stdout } = await box.run(box.path(remote), 'git', ['hash-object', '-w', '--stdin'], input);
      await box.git(remote, 'update-ref', ref, stdout.trim());
    },
  };
}

describe('the ref of a claim', () => {
  it.each([
    ['a1', 'c1', /^refs\/agentq\/heartbeats\/_[0-9a-f]{11}\/a1\/c1$/],
    ['a.lock', 'c1', /\/a%2Elock\/c1$/],
    ['a.', 'c1', /\/a%2E\/c1$/],
    ['a@b+c', 'c1', /\/a@b\+c\/c1$/],
    ['a1', undefined, /\/a1\/_[0-9a-f]{24}$/],
    ['a1', '../x', /\/a1\/_[0-9a-f]{24}$/],
    ['a1', 'x.lock', /\/a1\/_[0-9a-f]{24}$/],
    ['a'.repeat(100), 'c'.repeat(64), /\/_[0-9a-f]{24}\/c{64}$/],
  ])('of %s and %s is one that every server takes', async (agent, claimId, form) => {
    await using box = await scene();
    const ref = heartbeatRef(BRANCH, { agent, task, ...given({ claimId }) });
    expect(ref).toMatch(form);
    expect(Buffer.byteLength(ref)).toBeLessThanOrEqual(200);
    expect((await box.tryGit('.', 'check-ref-format', ref)).exitCode).toBe(0);
  });

  it('is another one for another claim, agent, branch, and task of a claim without an id', () => {
    const claim = { agent: 'a1', task, claimId: 'c1' };
    const refs = [
      heartbeatRef(BRANCH, claim),
      heartbeatRef(BRANCH, { ...claim, claimId: 'c2' }),
      heartbeatRef(BRANCH, { ...claim, agent: 'a2' }),
      heartbeatRef('refs/heads/main', claim),
      heartbeatRef(BRANCH, { agent: 'a1', task }),
      heartbeatRef(BRANCH, { agent: 'a1', task: { ...task, id: 'T-2' } }),
    ];
    expect(new Set(refs).size).toBe(refs.length);
  });
});

describe('heartbeats as refs', () => {
  it('are refused by a remote that takes them and shows them to nobody, and can be removed there', async () => {
    await using box = await scene(QUEUE);
    const claims = await claimsIn(box);
    const one = claims.process();
    await claims.hide();
    expect(await one.write([beat('a1', 'c1', 1)])).toEqual({ kind: 'landed' });
    expect(await one.write([beat('a1', 'c1')])).toMatchObject({ kind: 'refused', reason: 'hidden-ref' });
    await one.remove();
    expect(await claims.refs()).toEqual([]);
  });

  it('are made again if somebody else took them away: that is no server that hides them', async () => {
    await using box = await scene(QUEUE);
    const claims = await claimsIn(box);
    const one = claims.process();
    expect(await one.write([beat('a1', 'c1', 1)])).toEqual({ kind: 'landed' });
    const [ref = ''] = await claims.refs();
    await box.git(box.remote, 'update-ref', '-d', ref);
    expect(await one.write([beat('a1', 'c1')])).toEqual({ kind: 'landed' });
    expect(await claims.refs()).toEqual([ref]);
    // What went with its claim needs no push.
    expect(await one.write([beat('a1', 'c1')])).toEqual({ kind: 'landed' });
    await box.git(box.remote, 'update-ref', '-d', ref);
    expect(await one.remove()).toBeUndefined();
  });

  it('are removed by the process that wrote them, and those of others stay: same agent, other branch', async () => {
    await using box = await scene(QUEUE);
    const claims = await claimsIn(box);
    const [one, two, other] = [claims.process(), claims.process(), claims.process('refs/heads/main')];
    await one.write([beat('a1', 'c1')]);
    await two.write([beat('a1', 'c2')]);
    await other.write([beat('a1', 'c3')]);
    expect(await one.remove()).toEqual({ kind: 'landed' });
    expect((await claims.refs()).map((ref) => ref.split('/').at(-1)).sort()).toEqual(['c2', 'c3']);
    expect(await claims.process().remove()).toBeUndefined();
    // What a process renews no more goes with the next beat.
    await two.write([beat('a1', 'c4')]);
    await two.remove([beat('a1', 'c4')]);
    expect((await claims.refs()).map((ref) => ref.split('/').at(-1)).sort()).toEqual(['c3', 'c4']);
  });

  it('are read of this branch, and of older agents, which do not say', async () => {
    await using box = await scene(QUEUE);
    const claims = await claimsIn(box);
    await claims.process().write([beat('a1', 'c1')]);
    await claims.process('refs/heads/main').write([beat('a2', 'c2')]);
    await claims.point('refs/agentq/heartbeats/a3', beat('a3', 'c3'));
    expect((await claims.process().read()).map(({ agent }) => agent).sort()).toEqual(['a1', 'a3']);
  });

  it('say what this process says, and carry on nothing that somebody else wrote into its ref', async () => {
    await using box = await scene(QUEUE);
    const claims = await claimsIn(box);
    await claims.point(heartbeatRef(BRANCH, beat('a1', 'c1')), beat('a1', 'c1', 1), beat('stranger', 'c9', 1));
    await claims.process().write([beat('a1', 'c1')]);
    expect(await claims.process().read()).toEqual([beat('a1', 'c1')]);
  });

  it('are swept where they say nothing of the last day, by our clock and beside the others', async () => {
    await using box = await scene(QUEUE);
    const claims = await claimsIn(box);
    await claims.point(heartbeatRef(BRANCH, beat('a1', 'dead')), beat('a1', 'dead', 26));
    await claims.point(heartbeatRef(BRANCH, beat('a1', 'late')), beat('a1', 'late', 23));
    await claims.point(heartbeatRef(BRANCH, beat('a1', 'both')), beat('a1', 'dead', 25), beat('a1', 'both', 1));
    await claims.point('refs/agentq/heartbeats/old', beat('old', 'c1', 26));
    const judge = claims.process();
    expect(await judge.sweep(NOW)).toBeUndefined();
    await judge.read();
    // A judge that is days ahead believes the newest heartbeat.
    expect(await judge.sweep(NOW + 100 * HOUR)).toEqual({ kind: 'landed' });
    const left = (await claims.refs()).map((ref) => ref.split('/').at(-1)).sort();
    expect(left).toEqual(['both', 'late', 'old']);
  });
});
