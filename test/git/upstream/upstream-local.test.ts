import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit, REQUESTS } from '../../kit/scene/upstream-scene.ts';

describe('without a remote', () => {
  async function local(box: Scene) {
    const dir = 'local';
    await box.git('.', 'init', '-q', '--bare', dir);
    const tip = await box.commitTo(dir, BRANCH, { 'q/T.toon': 'one\n' });
    return { dir, tip, upstream: openUpstream(await box.open(dir), undefined) };
  }

  it('looks at its own refs', async () => {
    await using box = await scene();
    const { dir, tip, upstream } = await local(box);
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
    await using box = await scene();
    const { dir, tip, upstream } = await local(box);
    const one = await localCommit(box, dir, tip, 'one');
    const two = await localCommit(box, dir, tip, 'two');
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
    await using box = await scene();
    const { dir, tip, upstream } = await local(box);
    const one = await localCommit(box, dir, tip, 'one');
    await writeFile(box.path(dir, `${BRANCH}.lock`), '');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: one }])).toMatchObject({ kind: 'locked' });
    await rm(box.path(dir, `${BRANCH}.lock`));
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: '1'.repeat(40) }])).toMatchObject({
      kind: 'refused',
    });
    expect(await upstream.push([{ ref: 'refs/heads/..', expected: tip, to: one }])).toMatchObject({ kind: 'refused' });
  });

  it('lets exactly one of many processes win', async () => {
    await using box = await scene();
    const { dir, tip } = await local(box);
    const commits = await Promise.all(
      Array.from({ length: 20 }, (_, index) => localCommit(box, dir, tip, `n${index}`)),
    );
    const outcomes = await Promise.all(
      commits.map(async (to) =>
        openUpstream(await box.open(dir), undefined).push([{ ref: BRANCH, expected: tip, to }]),
      ),
    );
    const landed = commits.filter((_, index) => outcomes[index]?.kind === 'landed');
    expect(landed).toEqual([(await box.refs(dir))[BRANCH]]);
  });
});
