import { expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Submodules are other repositories, perhaps on other hosts: a queue has nothing to do with them, whatever is configured. */

const BRANCH = 'refs/heads/develop';

/** A clone with a submodule that is checked out, the bare repositories behind both, and a commit there for each to fetch. */
async function withSubmodule(box: Scene) {
  const inner = await box.bareRemote({ file: 'inner\n' }, { name: 'inner.git' });
  const outer = await box.bareRemote({ file: 'outer\n' }, { name: 'outer.git' });
  const maker = await box.clone(outer, 'maker');
  await box.git(maker, 'submodule', 'add', '-q', '-b', 'develop', `file://${box.path(inner)}`, 'sub');
  await box.commit(maker, {}, 'Add a submodule');
  await box.git(maker, 'push', '-q', 'origin', 'develop');
  const clone = await box.clone(outer, 'clone', '--recurse-submodules');
  const tip = await box.git(clone, 'rev-parse', 'HEAD');
  return { inner, outer, maker, clone, sub: `${clone}/sub`, tip };
}

it.each(['true', 'on-demand'])('a fetch leaves submodules alone with fetch.recurseSubmodules=%s', async (value) => {
  await using box = await scene();
  const { inner, outer, maker, clone, sub } = await withSubmodule(box);
  for (const key of ['fetch.recurseSubmodules', 'submodule.recurse', 'submodule.sub.fetchRecurseSubmodules']) {
    await box.git(clone, 'config', key, key === 'submodule.recurse' ? 'true' : value);
  }
  const before = await box.refs(sub);
  const newer = await box.commitTo(inner, BRANCH, { file: 'newer\n' });
  await box.git(`${maker}/sub`, 'fetch', '-q');
  await box.git(`${maker}/sub`, 'checkout', '-q', newer);
  await box.commit(maker, {}, 'Move the submodule');
  await box.git(maker, 'push', '-q', 'origin', 'develop');
  const to = await box.git(outer, 'rev-parse', BRANCH);
  const upstream = openUpstream(await box.open(clone), 'origin');
  expect(await upstream.fetchCommit(BRANCH, to)).toEqual({ kind: 'present' });
  expect(await box.refs(sub)).toEqual(before);
  expect((await box.tryGit(sub, 'cat-file', '-e', newer)).exitCode).not.toBe(0);
});

it.each(['check', 'on-demand', 'only'])(
  'a push neither needs nor pushes submodules with push.recurseSubmodules=%s',
  async (value) => {
    await using box = await scene();
    const { inner, outer, clone, sub, tip } = await withSubmodule(box);
    await box.git(clone, 'config', 'push.recurseSubmodules', value);
    await box.git(clone, 'config', 'submodule.recurse', 'true');
    const innerTip = await box.git(inner, 'rev-parse', BRANCH);
    await box.git(sub, 'checkout', '-q', '-B', 'develop');
    await box.commit(sub, { file: 'only here\n' });
    // What is pushed names a commit of the submodule that its remote does not have.
    const to = await box.commit(clone, {}, 'Move the submodule');
    const upstream = openUpstream(await box.open(clone), 'origin');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to }])).toEqual({ kind: 'landed' });
    expect(await box.git(outer, 'rev-parse', BRANCH)).toBe(to);
    expect(await box.git(inner, 'rev-parse', BRANCH)).toBe(innerTip);
  },
);
