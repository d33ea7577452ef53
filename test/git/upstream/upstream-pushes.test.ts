import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit, REQUESTS, remoteAndClone, upstreamOf } from '../../kit/scene/upstream-scene.ts';

describe('push', () => {
  it('moves, creates and deletes refs, each only from what was expected', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    const upstream = await upstreamOf(box, clone);
    const one = await localCommit(box, clone, tip, 'one');
    const two = await localCommit(box, clone, tip, 'two');
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
    await using box = await scene();
    const { clone, tip } = await remoteAndClone(box);
    const upstream = await upstreamOf(box, clone);
    const one = await localCommit(box, clone, tip, 'one');
    await upstream.push([{ ref: BRANCH, expected: tip, to: one }]);
    // Somebody else made the very same commit: the lease is what tells.
    const again = await upstream.push([{ ref: BRANCH, expected: tip, to: one }]);
    expect(again.kind).not.toBe('landed');
    const created = await upstream.push([{ ref: BRANCH, expected: undefined, to: one }]);
    expect(created.kind).not.toBe('landed');
  });

  it('is all or nothing with atomic', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    const upstream = await upstreamOf(box, clone);
    await upstream.push([{ ref: `${REQUESTS}r`, expected: undefined, to: tip }]);
    const one = await localCommit(box, clone, tip, 'one');
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
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
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
    const one = await localCommit(box, clone, tip, 'one');
    await box.git(clone, 'branch', 'mine');
    await box.git(clone, 'tag', '-a', '-m', 'tag', 'v1', one);
    const upstream = await upstreamOf(box, clone);
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: one }])).toEqual({ kind: 'landed' });
    expect(await box.refs(remote)).toEqual({ [BRANCH]: one });
  });

  it('pushes from a shallow clone', async () => {
    await using box = await scene();
    const { remote } = await remoteAndClone(box);
    const tip = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    const clone = await box.clone(remote, `shallow-${remote}`, '--depth=1');
    const one = await localCommit(box, clone, tip, 'one');
    expect(await (await upstreamOf(box, clone)).push([{ ref: BRANCH, expected: tip, to: one }])).toEqual({
      kind: 'landed',
    });
    expect((await box.refs(remote))[BRANCH]).toBe(one);
  });

  it('lets exactly one of many processes in one clone win', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    const commits = await Promise.all(
      Array.from({ length: 20 }, (_, index) => localCommit(box, clone, tip, `n${index}`)),
    );
    const outcomes = await Promise.all(
      commits.map(async (to) => (await upstreamOf(box, clone)).push([{ ref: BRANCH, expected: tip, to }])),
    );
    const landed = commits.filter((_, index) => outcomes[index]?.kind === 'landed');
    expect(landed).toEqual([(await box.refs(remote))[BRANCH]]);
    const others = outcomes.filter(({ kind }) => kind !== 'landed').map(({ kind }) => kind);
    expect(others.filter((kind) => kind !== 'rejected' && kind !== 'locked')).toEqual([]);
  });

  it('throws when it is aborted', async () => {
    await using box = await scene();
    const { clone, tip } = await remoteAndClone(box);
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
