import { lstat, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { FollowRequest } from '../../../src/git/checkout/checkout.ts';
import type { FollowOutcome } from '../../../src/git/checkout/follow-outcome.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import {
  BRANCH,
  CLAIM_A,
  type CloneBehind,
  cloneBehind,
  expectClean,
  followIn,
  statusOf,
} from '../../kit/scene/checkout-scene.ts';
import type { Files } from '../../kit/scene/git-sandbox.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

describe('followCheckout of a remote branch', () => {
  interface Behind extends CloneBehind {
    follow(request?: Partial<FollowRequest>, dir?: string): Promise<FollowOutcome>;
  }

  /** A clone that has fetched one commit more than it shows, and a hand that lets it follow. */
  async function behind(box: Scene, change: Files = CLAIM_A): Promise<Behind> {
    const made = await cloneBehind(box, { change });
    const { clone, to } = made;
    return {
      ...made,
      follow: async (request = {}, dir = clone) => followIn(await box.open(dir), { to, ...request }),
    };
  }

  it('fast-forwards a clean checkout', async () => {
    await using box = await scene();
    const { clone, to, follow } = await behind(box);
    expect(await follow()).toEqual({ kind: 'followed' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(to);
    expect(await box.read(clone, 'q/claimed/A.toon')).toBe('a claimed\n');
    expect(await statusOf(box, clone)).toBe('');
    expect(await follow()).toEqual({ kind: 'up-to-date' });
    await expectClean(box, clone);
  });

  it('works from a subfolder that goes away', async () => {
    await using box = await scene();
    const { clone, follow } = await behind(box, { 'src/code': null });
    expect(await follow({}, `${clone}/src`)).toEqual({ kind: 'followed' });
    expect(await statusOf(box, clone)).toBe('');
  });

  it('says nothing where HEAD is elsewhere, there is no checkout, or it is not wanted', async () => {
    await using box = await scene();
    const { clone, remote, from, follow } = await behind(box);
    expect(await follow({ sync: false })).toEqual({ kind: 'off' });
    expect(await follow({}, remote)).toEqual({ kind: 'bare' });
    await box.git(clone, 'checkout', '-q', '-b', 'feature');
    expect(await follow()).toEqual({ kind: 'not-on-branch' });
    await box.git(clone, 'checkout', '-q', '--detach', 'develop');
    expect(await follow()).toEqual({ kind: 'not-on-branch' });
    await box.git(clone, 'worktree', 'add', '-q', '-b', 'wt', `../worktree-${clone}`);
    expect(await follow({}, `worktree-${clone}`)).toEqual({ kind: 'not-on-branch' });
    expect(await box.git(clone, 'rev-parse', BRANCH)).toBe(from);
  });

  it('follows in a linked worktree', async () => {
    await using box = await scene();
    const { clone, to, follow } = await behind(box);
    await box.git(clone, 'checkout', '-q', '--detach');
    await box.git(clone, 'worktree', 'add', '-q', `../worktree-${clone}`, 'develop');
    expect(await follow({}, `worktree-${clone}`)).toEqual({ kind: 'followed' });
    expect(await box.git(`worktree-${clone}`, 'rev-parse', 'HEAD')).toBe(to);
    await expectClean(box, clone);
  });

  it('sees that the user switched branches after the repository was opened', async () => {
    await using box = await scene();
    const { clone, from, to } = await behind(box);
    const repository = await box.open(clone);
    await box.git(clone, 'checkout', '-q', '-b', 'feature');
    const outcome = await followIn(repository, { branchRef: BRANCH, to, sync: true });
    expect(outcome).toEqual({ kind: 'not-on-branch' });
    expect(await box.git(clone, 'rev-parse', 'feature')).toBe(from);
  });

  it('never drops a local commit', async () => {
    await using box = await scene();
    const { clone, follow } = await behind(box);
    const mine = await box.commit(clone, { mine: 'work' });
    expect(await follow()).toMatchObject({ kind: 'diverged', reason: expect.stringContaining('local develop') });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(mine);
    await box.git(clone, 'reset', '-q', '--soft', 'HEAD^');
    expect(await statusOf(box, clone)).toBe('A  mine');
  });

  it('does not go back where the checkout is further', async () => {
    await using box = await scene();
    const { clone, to, follow } = await behind(box);
    await follow();
    const mine = await box.commit(clone, { mine: 'work' });
    expect(await follow()).toEqual({ kind: 'up-to-date' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(mine);
    expect(await box.git(clone, 'rev-parse', 'HEAD^')).toBe(to);
  });

  it('keeps uncommitted, staged and untracked work elsewhere', async () => {
    await using box = await scene();
    const { clone, follow } = await behind(box);
    await box.write(clone, { 'src/code': 'edited\n', 'src/new': 'staged\n', untracked: 'x', ignored: 'y' });
    await box.git(clone, 'add', 'src/new');
    const before = await statusOf(box, clone);
    expect(await follow()).toEqual({ kind: 'followed' });
    expect(await statusOf(box, clone)).toBe(before);
    expect(await box.read(clone, 'src/code')).toBe('edited\n');
    expect(await box.read(clone, 'ignored')).toBe('y');
  });

  const inTheWay: Record<string, (box: Scene, clone: string) => Promise<unknown>> = {
    'an edited file': (box, clone) => box.write(clone, { 'q/tasks/A.toon': 'edited\n' }),
    'a staged file': async (box, clone) => {
      await box.write(clone, { 'q/tasks/A.toon': 'edited\n' });
      await box.git(clone, 'add', '-A');
    },
    'an untracked file': (box, clone) => box.write(clone, { 'q/claimed/A.toon': 'mine\n' }),
    'an ignored file': async (box, clone) => {
      await writeFile(box.path(clone, '.git/info/exclude'), 'claimed\n');
      await box.write(clone, { 'q/claimed/A.toon': 'mine\n' });
    },
    'an edited file that is assumed unchanged': async (box, clone) => {
      await box.git(clone, 'update-index', '--assume-unchanged', 'q/tasks/A.toon');
      await box.write(clone, { 'q/tasks/A.toon': 'edited\n' });
    },
  };
  for (const [name, prepare] of Object.entries(inTheWay)) {
    it(`leaves everything as it is where ${name} is in the way`, async () => {
      await using box = await scene();
      const { clone, from, follow } = await behind(box);
      await prepare(box, clone);
      await box.git(clone, 'config', 'merge.autoStash', 'true');
      const before = await statusOf(box, clone);
      const outcome = await follow();
      expect(outcome).toMatchObject({ kind: 'dirty', reason: expect.stringMatching(/q\/\w+\/A\.toon/) });
      expect(outcome).toMatchObject({ reason: expect.not.stringContaining('\n') });
      expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(from);
      expect(await statusOf(box, clone)).toBe(before);
      expect(await box.git(clone, 'stash', 'list')).toBe('');
      await expectClean(box, clone);
    });
  }

  for (const [name, file] of [
    ['another git process', 'index.lock'],
    ['a merge', 'MERGE_HEAD'],
    ['a cherry-pick', 'CHERRY_PICK_HEAD'],
  ] as const) {
    it(`does not get in the way of ${name}`, async () => {
      await using box = await scene();
      const { clone, from, follow } = await behind(box);
      await writeFile(box.path(clone, '.git', file), '');
      expect(await follow()).toMatchObject({ kind: 'busy', reason: expect.stringContaining(name) });
      expect(await box.git(clone, 'rev-parse', BRANCH)).toBe(from);
    });
  }

  it('runs no hook and minds none of the settings for merges', async () => {
    await using box = await scene();
    const { clone, to, follow } = await behind(box);
    for (const hook of [
      'post-merge',
      'post-checkout',
      'pre-merge-commit',
      'reference-transaction',
      'post-index-change',
    ]) {
      await box.hook(`${clone}/.git`, hook, `echo ran >> ${box.path(clone)}/hook-ran; exit 1`);
    }
    for (const [key, value] of [
      ['merge.verifySignatures', 'true'],
      ['merge.ff', 'false'],
      ['branch.develop.mergeOptions', '--no-ff --squash'],
      ['commit.gpgSign', 'true'],
      ['user.useConfigOnly', 'true'],
      ['submodule.recurse', 'true'],
    ] as const) {
      await box.git(clone, 'config', key, value);
    }
    expect(await follow()).toEqual({ kind: 'followed' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(to);
    expect(await statusOf(box, clone)).toBe('');
  });

  it('follows in a sparse checkout without filling it', async () => {
    await using box = await scene();
    const { clone, follow } = await behind(box);
    await box.git(clone, 'sparse-checkout', 'set', 'src');
    expect(await follow()).toEqual({ kind: 'followed' });
    expect(await statusOf(box, clone)).toBe('');
    await expect(lstat(box.path(clone, 'q'))).rejects.toThrow('ENOENT');
  });

  it('keeps a link of the user in the place of a folder', async () => {
    await using box = await scene();
    const { clone, follow } = await behind(box, { 'q/claimed/A.toon': 'a claimed\n' });
    await box.write('.', { [`elsewhere-${clone}/keep`]: 'x' });
    await symlink(box.path(`elsewhere-${clone}`), box.path(clone, 'q/claimed'));
    await follow();
    expect(await readlink(box.path(clone, 'q/claimed'))).toBe(box.path(`elsewhere-${clone}`));
    expect(await readdir(box.path(`elsewhere-${clone}`))).toEqual(['keep']);
  });

  it('ends at the newest commit when 20 processes follow at once, with a right status', async () => {
    await using box = await scene();
    const { clone, remote, to } = await behind(box);
    const tips = [to];
    for (let index = 0; index < 19; index += 1)
      tips.push(await box.commitTo(remote, BRANCH, { [`q/n/${index}`]: 'x' }));
    await openUpstream(await box.open(clone), 'origin').fetchCommit(BRANCH, tips.at(-1) ?? '');
    const outcomes = await Promise.all(
      tips.map(async (tip) => followIn(await box.open(clone), { branchRef: BRANCH, to: tip, sync: true })),
    );
    expect(outcomes.filter(({ kind }) => kind !== 'followed' && kind !== 'up-to-date')).toEqual([]);
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(tips.at(-1));
    expect(await statusOf(box, clone)).toBe('');
    await expectClean(box, clone);
  });

  it('takes the lock of a process that is gone, and of a process whose number was given away', async () => {
    for (const content of [
      { pid: 2 ** 22 - 1, started: '1', host: hostname() },
      { pid: process.pid, started: '1', host: hostname() },
    ]) {
      await using box = await scene();
      const { clone, follow } = await behind(box);
      await writeFile(box.path(clone, '.git/agentq-checkout.lock'), JSON.stringify(content));
      expect(await follow()).toEqual({ kind: 'followed' });
      await expectClean(box, clone);
    }
  });

  it('throws when aborted before, and finishes what it began', async () => {
    await using box = await scene();
    const { clone, from, to } = await behind(box);
    const controller = new AbortController();
    const repository = await box.open(clone, { signal: controller.signal });
    controller.abort();
    const follow = followIn(repository, { branchRef: BRANCH, to, sync: true });
    await expect(follow).rejects.toMatchObject({ code: 'interrupted' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(from);
    await expectClean(box, clone);
  });
});
