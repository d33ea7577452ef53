import { describe, expect, it } from 'vitest';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH, remoteAndClone, traces, upstreamOf } from '../../kit/scene/upstream-scene.ts';

describe('fetchCommit', () => {
  for (const [kind, options] of Object.entries({
    full: [],
    shallow: ['--depth=1'],
    'single branch': ['--single-branch', '--branch=develop'],
    'blobless partial': ['--filter=blob:none'],
    'treeless partial': ['--filter=tree:0', '--no-checkout'],
  })) {
    it(`gets a new tip and leaves no trace but objects, in a ${kind} clone`, async () => {
      await using box = await scene();
      const { remote, clone, tip } = await remoteAndClone(box, { cloning: options });
      const before = await traces(box, clone);
      await box.git(remote, 'tag', 'v1', tip);
      await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
      const newer = await box.commitTo(remote, BRANCH, { 'q/U.toon': 'three\n' });
      expect(await (await upstreamOf(box, clone)).fetchCommit(BRANCH, newer)).toEqual({ kind: 'present' });
      expect(await box.git(clone, 'rev-list', '--count', newer)).toBe('3');
      expect(await box.git(clone, 'merge-base', tip, newer)).toBe(tip);
      expect(await traces(box, clone)).toEqual(before);
    });
  }

  it('works in a linked worktree and in a bare clone', async () => {
    await using box = await scene();
    const { remote, clone } = await remoteAndClone(box);
    await box.git(clone, 'worktree', 'add', '-q', '--detach', `../linked-${clone}`);
    await box.clone(remote, `bare-${clone}`, '--bare');
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    for (const dir of [`linked-${clone}`, `bare-${clone}`]) {
      expect(await (await upstreamOf(box, dir)).fetchCommit(BRANCH, newer)).toEqual({ kind: 'present' });
      expect(await box.git(dir, 'cat-file', '-t', newer)).toBe('commit');
    }
  });

  it('is not impressed by what the user configured for fetches', async () => {
    await using box = await scene();
    const { remote, clone } = await remoteAndClone(box);
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
    const before = await traces(box, clone);
    const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    await box.git(remote, 'tag', 'v2', newer);
    await (await upstreamOf(box, clone)).fetchCommit(BRANCH, newer);
    expect(await traces(box, clone)).toEqual(before);
  });

  it('falls back to the branch where a server gives only tips, and cleans up', async () => {
    await using box = await scene();
    const { remote, clone } = await remoteAndClone(box);
    await box.git(remote, 'config', 'uploadpack.allowAnySHA1InWant', 'false');
    await box.git(clone, 'config', 'protocol.version', '0');
    const middle = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    await box.commitTo(remote, BRANCH, { 'q/T.toon': 'three\n' });
    const before = await traces(box, clone);
    expect(await (await upstreamOf(box, clone)).fetchCommit(BRANCH, middle)).toEqual({ kind: 'present' });
    expect(await box.git(clone, 'cat-file', '-t', middle)).toBe('commit');
    expect(await traces(box, clone)).toEqual(before);
  });

  it('says that the branch has moved where the commit is gone', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    const lost = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    await box.git(remote, 'update-ref', BRANCH, tip);
    await box.git(remote, 'reflog', 'expire', '--expire=now', '--all');
    await box.git(remote, 'gc', '-q', '--prune=now');
    const upstream = await upstreamOf(box, clone);
    expect(await upstream.fetchCommit(BRANCH, lost)).toMatchObject({ kind: 'moved' });
    await box.git(remote, 'update-ref', '-d', BRANCH);
    expect(await upstream.fetchCommit(BRANCH, lost)).toMatchObject({ kind: 'moved' });
    expect(Object.keys(await box.refs(clone)).filter((ref) => ref.startsWith('refs/agentq'))).toEqual([]);
  });

  for (const options of [[], ['--depth=1']]) {
    it(`lets 50 processes fetch in one clone at once (${options.join() || 'full'})`, async () => {
      await using box = await scene();
      const { remote, clone } = await remoteAndClone(box, { cloning: options });
      const newer = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
      const before = await traces(box, clone);
      const fetches = Array.from({ length: 50 }, async () => (await upstreamOf(box, clone)).fetchCommit(BRANCH, newer));
      expect(new Set((await Promise.all(fetches)).map(({ kind }) => kind))).toEqual(new Set(['present']));
      expect(await traces(box, clone)).toEqual(before);
    });
  }
});

describe('unshallow', () => {
  it('gets the whole history, with 20 processes at once', async () => {
    await using box = await scene();
    const { remote } = await remoteAndClone(box);
    for (let index = 0; index < 5; index += 1) await box.commitTo(remote, BRANCH, { 'q/T.toon': `${index}\n` });
    const clone = await box.clone(remote, `deepened-${remote}`, '--depth=1');
    const before = await box.refs(clone);
    await Promise.all(Array.from({ length: 20 }, async () => (await upstreamOf(box, clone)).unshallow(BRANCH)));
    expect(await box.git(clone, 'rev-list', '--count', 'HEAD')).toBe('6');
    expect(await box.refs(clone)).toEqual(before);
  });

  it('does nothing in a full clone, and nothing to be done is no error', async () => {
    await using box = await scene();
    const { clone } = await remoteAndClone(box);
    const upstream = await upstreamOf(box, clone);
    await upstream.unshallow(BRANCH);
    await upstream.unshallow(BRANCH);
  });
});
