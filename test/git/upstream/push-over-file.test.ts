import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { EXTRA, pushScene } from '../../kit/scene/push-scene.ts';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH } from '../../kit/scene/upstream-scene.ts';

/** A pre-receive hook may only change refs outside of its quarantine. */
const OUTSIDE = 'unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES;';

describe('what servers answer over file://', () => {
  it('landed', async () => {
    await using box = await scene();
    const { push, remoteTip, next } = await pushScene(box);
    expect(await push()).toEqual({ kind: 'landed' });
    expect(await remoteTip()).toBe(next);
  });

  it('a hook that declines is refused, with its words and without its escapes', async () => {
    await using box = await scene();
    const { push, pushAtomic, remote, remoteTip, tip } = await pushScene(box);
    await box.hook(remote, 'pre-receive', 'printf "\\033[31mPolicy:\\033[0m no\\007 pushes\\r\\n" >&2; exit 1');
    const refused = { kind: 'refused', reason: 'declined', words: 'Policy: no pushes (pre-receive hook declined)' };
    expect(await push()).toEqual({ ...refused, refs: [BRANCH] });
    expect(await pushAtomic()).toEqual({ ...refused, refs: [BRANCH, EXTRA] });
    expect(await remoteTip()).toBe(tip);
  });

  it('an update hook that declines one ref of an atomic push is refused', async () => {
    await using box = await scene();
    const { pushAtomic, remote, remoteTip, tip } = await pushScene(box);
    await box.hook(remote, 'update', `test "$1" != ${EXTRA}`);
    expect(await pushAtomic()).toMatchObject({ kind: 'refused', reason: 'declined', refs: [EXTRA] });
    expect(await remoteTip()).toBe(tip);
  });

  it('an update hook that declines one of two refs without atomic is unknown: the other is written', async () => {
    await using box = await scene();
    const { upstream, remote, tip, next } = await pushScene(box);
    await box.hook(remote, 'update', `test "$1" != ${EXTRA}`);
    const outcome = await upstream.push([
      { ref: BRANCH, expected: tip, to: next },
      { ref: EXTRA, expected: undefined, to: tip },
    ]);
    expect(outcome.kind).toBe('unknown');
  });

  it('a hidden ref is refused', async () => {
    await using box = await scene();
    const { upstream, remote, tip } = await pushScene(box);
    await box.git(remote, 'config', 'receive.hideRefs', 'refs/agentq');
    expect(await upstream.push([{ ref: EXTRA, expected: undefined, to: tip }])).toEqual({
      kind: 'refused',
      reason: 'hidden-ref',
      refs: [EXTRA],
      words: 'deny updating a hidden ref',
    });
  });

  it('a branch that is checked out on the server is refused', async () => {
    await using box = await scene();
    const { clone, tip, next, remote } = await pushScene(box);
    const server = await box.clone(remote, `server-${clone}`);
    await box.git(clone, 'remote', 'set-url', 'origin', `file://${box.path(server)}`);
    const upstream = openUpstream(await box.open(clone), 'origin');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toMatchObject({
      kind: 'refused',
      reason: 'declined',
      words: expect.stringContaining('refusing to update checked out branch'),
    });
  });

  it('a deletion that is prohibited is refused', async () => {
    await using box = await scene();
    const { upstream, remote, tip } = await pushScene(box);
    await box.git(remote, 'config', 'receive.denyDeletes', 'true');
    await box.git(remote, 'update-ref', `${BRANCH}2`, tip);
    expect(await upstream.push([{ ref: `${BRANCH}2`, expected: tip, to: undefined }])).toMatchObject({
      kind: 'refused',
      reason: 'declined',
    });
  });

  it('a server without atomic is refused as such', async () => {
    await using box = await scene();
    const { pushAtomic, push, remote } = await pushScene(box);
    await box.git(remote, 'config', 'receive.advertiseAtomic', 'false');
    expect(await pushAtomic()).toMatchObject({ kind: 'refused', reason: 'no-atomic' });
    expect(await push()).toEqual({ kind: 'landed' });
  });

  it('a name that stands in the way is refused', async () => {
    await using box = await scene();
    const { upstream, tip } = await pushScene(box);
    expect(await upstream.push([{ ref: `${BRANCH}/x`, expected: undefined, to: tip }])).toMatchObject({
      kind: 'refused',
      reason: 'declined',
    });
  });

  it('a name that is none is our own defect; an object that does not exist was pruned, and may be had again', async () => {
    await using box = await scene();
    const { upstream, tip } = await pushScene(box);
    const usage = { kind: 'refused', reason: 'usage' };
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: '1'.repeat(40) }])).toMatchObject({
      kind: 'local',
      failure: { code: 'repository-damaged', details: { passing: true } },
    });
    expect(await upstream.push([{ ref: 'refs/heads/a..b', expected: tip, to: tip }])).toMatchObject(usage);
  });

  it('stale info is rejected, also for one ref of an atomic push', async () => {
    await using box = await scene();
    const { push, pushAtomic, remote } = await pushScene(box);
    await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    expect(await push()).toMatchObject({ kind: 'rejected', words: 'stale info' });
    expect(await pushAtomic()).toMatchObject({ kind: 'rejected' });
  });

  it('a ref that moves between advertisement and update is rejected', async () => {
    await using box = await scene();
    const { push, pushAtomic, remote, clone, tip } = await pushScene(box);
    const other = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'other');
    await box.git(clone, 'push', '-q', 'origin', `${other}:refs/heads/other`);
    await box.hook(remote, 'pre-receive', `${OUTSIDE} git update-ref ${BRANCH} ${other}`);
    expect(await push()).toMatchObject({ kind: 'rejected', words: expect.stringContaining('but expected') });
    await box.git(remote, 'update-ref', BRANCH, tip);
    expect(await pushAtomic()).toMatchObject({ kind: 'rejected' });
  });

  it('a ref that is created or deleted in between is rejected', async () => {
    await using box = await scene();
    const { upstream, remote, tip, next } = await pushScene(box);
    await box.hook(remote, 'pre-receive', `${OUTSIDE} git update-ref ${EXTRA} ${tip}`);
    expect(await upstream.push([{ ref: EXTRA, expected: undefined, to: next }])).toMatchObject({ kind: 'rejected' });
    await box.hook(remote, 'pre-receive', `${OUTSIDE} git update-ref -d ${EXTRA}`);
    expect(await upstream.push([{ ref: EXTRA, expected: tip, to: undefined }])).toMatchObject({ kind: 'rejected' });
  });

  it('a server that denies non-fast-forwards rejects', async () => {
    await using box = await scene();
    const { upstream, remote, clone, tip } = await pushScene(box);
    await box.git(remote, 'config', 'receive.denyNonFastForwards', 'true');
    const sibling = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-m', 'no parent');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: sibling }])).toMatchObject({ kind: 'rejected' });
  });

  for (const lock of [`${BRANCH}.lock`, 'HEAD.lock']) {
    it(`a lock file on the server (${lock}) is no lost race`, async () => {
      await using box = await scene();
      const { push, pushAtomic, remote, remoteTip, tip } = await pushScene(box);
      await writeFile(box.path(remote, lock), '');
      const locked = { kind: 'locked', words: expect.stringContaining(`${lock}': File exists`) };
      expect(await push()).toEqual(locked);
      expect(await pushAtomic()).toEqual(locked);
      expect(await remoteTip()).toBe(tip);
    });
  }

  it('a lock file on the packed refs is no lost race', async () => {
    await using box = await scene();
    const { upstream, remote, tip } = await pushScene(box);
    await box.git(remote, 'update-ref', EXTRA, tip);
    await writeFile(box.path(remote, 'packed-refs.lock'), '');
    expect(await upstream.push([{ ref: EXTRA, expected: tip, to: undefined }])).toMatchObject({ kind: 'locked' });
  });

  it('a server that takes no pack of this size refuses it', async () => {
    await using box = await scene();
    const { push, remote } = await pushScene(box);
    await box.git(remote, 'config', 'receive.maxInputSize', '10');
    expect(await push()).toMatchObject({
      kind: 'refused',
      reason: 'too-large',
      words: expect.stringContaining('pack exceeds maximum allowed size'),
    });
  });

  it('a server that dies before it updates is unknown', async () => {
    await using box = await scene();
    const { push, remote, remoteTip, tip } = await pushScene(box);
    await box.hook(remote, 'pre-receive', 'kill -9 $PPID');
    expect(await push()).toMatchObject({ kind: 'unknown' });
    expect(await remoteTip()).toBe(tip);
  });

  it('a server that dies after it updated is unknown', async () => {
    await using box = await scene();
    const { push, remote, remoteTip, next } = await pushScene(box);
    await box.hook(remote, 'post-receive', 'kill -9 $PPID');
    expect(await push()).toMatchObject({ kind: 'unknown' });
    expect(await remoteTip()).toBe(next);
  });

  it('a repository that is not there is refused', async () => {
    await using box = await scene();
    const { clone, tip, next } = await pushScene(box);
    await box.git(clone, 'remote', 'set-url', 'origin', `file://${box.path('nowhere.git')}`);
    const upstream = openUpstream(await box.open(clone), 'origin');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toMatchObject({
      kind: 'refused',
      words: expect.stringContaining('does not appear to be a git repository'),
    });
  });
});
