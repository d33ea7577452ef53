import { lstat, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FollowOutcome, type FollowRequest, followCheckout } from '../../src/git/checkout.ts';
import { openObjects } from '../../src/git/objects.ts';
import type { Repository } from '../../src/git/repository.ts';
import { openUpstream } from '../../src/git/upstream.ts';
import { type Files, GitSandbox } from '../support/git-sandbox.ts';

const BRANCH = 'refs/heads/develop';
const base = { 'q/tasks/A.toon': 'a\n', 'q/tasks/B.toon': 'b\n', 'src/code': 'code\n', '.gitignore': 'ignored\n' };
const claimA = { 'q/tasks/A.toon': null, 'q/claimed/A.toon': 'a claimed\n' };

let box: GitSandbox;
let count = 0;

beforeAll(async () => {
  box = await GitSandbox.create();
});
afterAll(() => box.remove());

/** Status, staged and unstaged, as the user sees it. */
async function status(dir: string): Promise<string> {
  return await box.git(dir, 'status', '--porcelain', '-uall');
}

/** No lock, note or temporary ref of agentq is left. */
async function expectClean(dir: string): Promise<void> {
  const gitDir = await box.git(dir, 'rev-parse', '--absolute-git-dir');
  expect((await readdir(gitDir)).filter((name) => /agentq|\.lock$/.test(name))).toEqual([]);
  expect(Object.keys(await box.refs(dir)).filter((ref) => ref.startsWith('refs/agentq'))).toEqual([]);
}

/** As a command does it, with a reader of its own. */
async function followIn(repository: Repository, request: FollowRequest): Promise<FollowOutcome> {
  const objects = openObjects(repository);
  try {
    return await followCheckout(repository, objects, request);
  } finally {
    await objects.close();
  }
}

describe('followCheckout of a remote branch', () => {
  interface Scene {
    readonly remote: string;
    readonly clone: string;
    readonly from: string;
    readonly to: string;
    follow(request?: Partial<FollowRequest>, dir?: string): Promise<FollowOutcome>;
  }

  /** A clone that has fetched one commit more than it shows. */
  async function scene(change: Files = claimA): Promise<Scene> {
    count += 1;
    const remote = await box.bareRemote(base, { name: `remote-${count}.git` });
    const clone = await box.clone(remote, `clone-${count}`);
    const from = await box.git(clone, 'rev-parse', 'HEAD');
    const to = await box.commitTo(remote, BRANCH, change);
    await openUpstream(await box.open(clone), 'origin').fetchCommit(BRANCH, to);
    return {
      remote,
      clone,
      from,
      to,
      follow: async (request = {}, dir = clone) =>
        followIn(await box.open(dir), { branchRef: BRANCH, to, paths: [], sync: true, ...request }),
    };
  }

  it('fast-forwards a clean checkout', async () => {
    const { clone, to, follow } = await scene();
    expect(await follow()).toEqual({ kind: 'followed' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(to);
    expect(await box.read(clone, 'q/claimed/A.toon')).toBe('a claimed\n');
    expect(await status(clone)).toBe('');
    expect(await follow()).toEqual({ kind: 'up-to-date' });
    await expectClean(clone);
  });

  it('works from a subfolder that goes away', async () => {
    const { clone, follow } = await scene({ 'src/code': null });
    expect(await follow({}, `${clone}/src`)).toEqual({ kind: 'followed' });
    expect(await status(clone)).toBe('');
  });

  it('says nothing where HEAD is elsewhere, there is no checkout, or it is not wanted', async () => {
    const { clone, remote, from, follow } = await scene();
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
    const { clone, to, follow } = await scene();
    await box.git(clone, 'checkout', '-q', '--detach');
    await box.git(clone, 'worktree', 'add', '-q', `../worktree-${clone}`, 'develop');
    expect(await follow({}, `worktree-${clone}`)).toEqual({ kind: 'followed' });
    expect(await box.git(`worktree-${clone}`, 'rev-parse', 'HEAD')).toBe(to);
    await expectClean(clone);
  });

  it('sees that the user switched branches after the repository was opened', async () => {
    const { clone, from, to } = await scene();
    const repository = await box.open(clone);
    await box.git(clone, 'checkout', '-q', '-b', 'feature');
    const outcome = await followIn(repository, { branchRef: BRANCH, to, paths: [], sync: true });
    expect(outcome).toEqual({ kind: 'not-on-branch' });
    expect(await box.git(clone, 'rev-parse', 'feature')).toBe(from);
  });

  it('never drops a local commit', async () => {
    const { clone, follow } = await scene();
    const mine = await box.commit(clone, { mine: 'work' });
    expect(await follow()).toMatchObject({ kind: 'diverged', reason: expect.stringContaining('local develop') });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(mine);
    await box.git(clone, 'reset', '-q', '--soft', 'HEAD^');
    expect(await status(clone)).toBe('A  mine');
  });

  it('does not go back where the checkout is further', async () => {
    const { clone, to, follow } = await scene();
    await follow();
    const mine = await box.commit(clone, { mine: 'work' });
    expect(await follow()).toEqual({ kind: 'up-to-date' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(mine);
    expect(await box.git(clone, 'rev-parse', 'HEAD^')).toBe(to);
  });

  it('keeps uncommitted, staged and untracked work elsewhere', async () => {
    const { clone, follow } = await scene();
    await box.write(clone, { 'src/code': 'edited\n', 'src/new': 'staged\n', untracked: 'x', ignored: 'y' });
    await box.git(clone, 'add', 'src/new');
    const before = await status(clone);
    expect(await follow()).toEqual({ kind: 'followed' });
    expect(await status(clone)).toBe(before);
    expect(await box.read(clone, 'src/code')).toBe('edited\n');
    expect(await box.read(clone, 'ignored')).toBe('y');
  });

  const inTheWay: Record<string, (clone: string) => Promise<unknown>> = {
    'an edited file': (clone) => box.write(clone, { 'q/tasks/A.toon': 'edited\n' }),
    'a staged file': async (clone) => {
      await box.write(clone, { 'q/tasks/A.toon': 'edited\n' });
      await box.git(clone, 'add', '-A');
    },
    'an untracked file': (clone) => box.write(clone, { 'q/claimed/A.toon': 'mine\n' }),
    'an ignored file': async (clone) => {
      await writeFile(box.path(clone, '.git/info/exclude'), 'claimed\n');
      await box.write(clone, { 'q/claimed/A.toon': 'mine\n' });
    },
    'an edited file that is assumed unchanged': async (clone) => {
      await box.git(clone, 'update-index', '--assume-unchanged', 'q/tasks/A.toon');
      await box.write(clone, { 'q/tasks/A.toon': 'edited\n' });
    },
  };
  for (const [name, prepare] of Object.entries(inTheWay)) {
    it(`leaves everything as it is where ${name} is in the way`, async () => {
      const { clone, from, follow } = await scene();
      await prepare(clone);
      await box.git(clone, 'config', 'merge.autoStash', 'true');
      const before = await status(clone);
      const outcome = await follow();
      expect(outcome).toMatchObject({ kind: 'dirty', reason: expect.stringMatching(/q\/\w+\/A\.toon/) });
      expect(outcome).toMatchObject({ reason: expect.not.stringContaining('\n') });
      expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(from);
      expect(await status(clone)).toBe(before);
      expect(await box.git(clone, 'stash', 'list')).toBe('');
      await expectClean(clone);
    });
  }

  for (const [name, file] of [
    ['another git process', 'index.lock'],
    ['a merge', 'MERGE_HEAD'],
    ['a cherry-pick', 'CHERRY_PICK_HEAD'],
  ] as const) {
    it(`does not get in the way of ${name}`, async () => {
      const { clone, from, follow } = await scene();
      await writeFile(box.path(clone, '.git', file), '');
      expect(await follow()).toMatchObject({ kind: 'busy', reason: expect.stringContaining(name) });
      expect(await box.git(clone, 'rev-parse', BRANCH)).toBe(from);
    });
  }

  it('runs no hook and minds none of the settings for merges', async () => {
    const { clone, to, follow } = await scene();
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
    expect(await status(clone)).toBe('');
  });

  it('follows in a sparse checkout without filling it', async () => {
    const { clone, follow } = await scene();
    await box.git(clone, 'sparse-checkout', 'set', 'src');
    expect(await follow()).toEqual({ kind: 'followed' });
    expect(await status(clone)).toBe('');
    await expect(lstat(box.path(clone, 'q'))).rejects.toThrow('ENOENT');
  });

  it('keeps a link of the user in the place of a folder', async () => {
    const { clone, follow } = await scene({ 'q/claimed/A.toon': 'a claimed\n' });
    await box.write('.', { [`elsewhere-${clone}/keep`]: 'x' });
    await symlink(box.path(`elsewhere-${clone}`), box.path(clone, 'q/claimed'));
    await follow();
    expect(await readlink(box.path(clone, 'q/claimed'))).toBe(box.path(`elsewhere-${clone}`));
    expect(await readdir(box.path(`elsewhere-${clone}`))).toEqual(['keep']);
  });

  it('ends at the newest commit when 20 processes follow at once, with a right status', async () => {
    const { clone, remote, to } = await scene();
    const tips = [to];
    for (let index = 0; index < 19; index += 1)
      tips.push(await box.commitTo(remote, BRANCH, { [`q/n/${index}`]: 'x' }));
    await openUpstream(await box.open(clone), 'origin').fetchCommit(BRANCH, tips.at(-1) ?? '');
    const outcomes = await Promise.all(
      tips.map(async (tip) => followIn(await box.open(clone), { branchRef: BRANCH, to: tip, paths: [], sync: true })),
    );
    expect(outcomes.filter(({ kind }) => kind !== 'followed' && kind !== 'up-to-date')).toEqual([]);
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(tips.at(-1));
    expect(await status(clone)).toBe('');
    await expectClean(clone);
  });

  it('takes the lock of a process that is gone, and of a process whose number was given away', async () => {
    for (const content of [
      { pid: 2 ** 22 - 1, started: '1', host: hostname() },
      { pid: process.pid, started: '1', host: hostname() },
    ]) {
      const { clone, follow } = await scene();
      await writeFile(box.path(clone, '.git/agentq-checkout.lock'), JSON.stringify(content));
      expect(await follow()).toEqual({ kind: 'followed' });
      await expectClean(clone);
    }
  });

  it('throws when aborted before, and finishes what it began', async () => {
    const { clone, from, to } = await scene();
    const controller = new AbortController();
    const repository = await box.open(clone, { signal: controller.signal });
    controller.abort();
    const follow = followIn(repository, { branchRef: BRANCH, to, paths: [], sync: true });
    await expect(follow).rejects.toMatchObject({ code: 'interrupted' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(from);
    await expectClean(clone);
  });
});

describe('followCheckout of a branch that moved under HEAD', () => {
  async function scene() {
    count += 1;
    const dir = `local-${count}`;
    await box.git('.', 'init', '-q', dir);
    const from = await box.commit(dir, base);
    /** Lands a change as an agent would: built on the tip, without the checkout. */
    const land = async (change: Files) => {
      const expected = await box.git(dir, 'rev-parse', BRANCH);
      await box.git(dir, 'update-ref', 'refs/scratch', expected);
      const to = await box.commitTo(dir, 'refs/scratch', change);
      await box.git(dir, 'update-ref', '-d', 'refs/scratch');
      const upstream = openUpstream(await box.open(dir), undefined);
      expect(await upstream.push([{ ref: BRANCH, expected, to }])).toEqual({ kind: 'landed' });
      return { expected, to };
    };
    const follow = async (movedFrom: string, to: string, at = dir) =>
      followIn(await box.open(at), { branchRef: BRANCH, to, paths: [], sync: false, movedFrom });
    return { dir, from, land, follow };
  }

  it('takes index and work tree along', async () => {
    const { dir, land, follow } = await scene();
    const { expected, to } = await land(claimA);
    expect(await status(dir)).not.toBe('');
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await status(dir)).toBe('');
    expect(await box.read(dir, 'q/claimed/A.toon')).toBe('a claimed\n');
    await expectClean(dir);
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await status(dir)).toBe('');
  });

  it('keeps work elsewhere, so that the next commit of the user has that and nothing else', async () => {
    const { dir, land, follow } = await scene();
    await box.write(dir, { 'src/code': 'edited\n', 'src/new': 'staged\n', untracked: 'x' });
    await box.git(dir, 'add', 'src/new');
    const before = await status(dir);
    const { expected, to } = await land(claimA);
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await status(dir)).toBe(before);
    await box.git(dir, 'commit', '-q', '-a', '-m', 'mine');
    expect(await box.git(dir, 'diff-tree', '-r', '--name-only', '--no-commit-id', 'HEAD')).toBe('src/code\nsrc/new');
  });

  it('does not matter in which order many get there', async () => {
    const { dir, land, follow } = await scene();
    const first = await land(claimA);
    const second = await land({ 'q/claimed/A.toon': 'a renewed\n', 'q/tasks/B.toon': 'b changed\n' });
    const third = await land({ 'q/claimed/A.toon': null, 'q/completed/A.toon': 'a done\n' });
    for (const { expected, to } of [third, first, second]) await follow(expected, to);
    expect(await status(dir)).toBe('');
    expect(await box.files(dir, 'HEAD')).toMatchObject({ 'q/completed/A.toon': 'a done\n' });
    await expectClean(dir);
  });

  it('makes up for a process that was killed between moving the branch and following', async () => {
    const { dir, land, follow } = await scene();
    await land(claimA);
    const later = await land({ 'q/tasks/B.toon': 'b changed\n' });
    expect(await follow(later.expected, later.to)).toEqual({ kind: 'followed' });
    expect(await status(dir)).toBe('');
    await expectClean(dir);
  });

  it('leaves an edited file, lets everything else follow, and the commit keeps the claim', async () => {
    const { dir, land, follow } = await scene();
    await box.write(dir, { 'q/tasks/A.toon': 'my edit\n', 'src/code': 'edited\n' });
    const { expected, to } = await land({ ...claimA, 'q/tasks/B.toon': null, 'q/claimed/B.toon': 'b claimed\n' });
    const outcome = await follow(expected, to);
    expect(outcome).toEqual({ kind: 'dirty', reason: 'uncommitted changes are in the way: q/tasks/A.toon' });
    expect(await box.read(dir, 'q/tasks/A.toon')).toBe('my edit\n');
    expect(await status(dir)).toBe(' M src/code\n?? q/tasks/A.toon');
    await box.git(dir, 'commit', '-q', '-a', '-m', 'mine');
    expect(await box.files(dir, 'HEAD')).toMatchObject({
      'q/claimed/A.toon': 'a claimed\n',
      'q/claimed/B.toon': 'b claimed\n',
    });
    expect(Object.keys(await box.files(dir, 'HEAD'))).not.toContain('q/tasks/A.toon');
  });

  it('shows an edited file against its new version', async () => {
    const { dir, land, follow } = await scene();
    await box.write(dir, { 'q/tasks/A.toon': 'my edit\n' });
    const { expected, to } = await land({ 'q/tasks/A.toon': 'theirs\n', 'q/tasks/B.toon': 'theirs too\n' });
    expect(await follow(expected, to)).toMatchObject({ kind: 'dirty' });
    expect(await status(dir)).toBe(' M q/tasks/A.toon');
    expect(await box.read(dir, 'q/tasks/A.toon')).toBe('my edit\n');
    expect(await box.read(dir, 'q/tasks/B.toon')).toBe('theirs too\n');
  });

  it('leaves a staged file staged', async () => {
    const { dir, land, follow } = await scene();
    await box.write(dir, { 'q/tasks/A.toon': 'my edit\n' });
    await box.git(dir, 'add', '-A');
    const { expected, to } = await land({ 'q/tasks/A.toon': 'theirs\n', 'q/tasks/B.toon': 'theirs too\n' });
    expect(await follow(expected, to)).toMatchObject({ kind: 'dirty' });
    expect(await box.git(dir, 'show', ':q/tasks/A.toon')).toBe('my edit');
    expect(await box.read(dir, 'q/tasks/B.toon')).toBe('theirs too\n');
    expect(await status(dir)).toBe('M  q/tasks/A.toon');
  });

  for (const [name, exclude] of [
    ['untracked', ''],
    ['ignored', 'claimed\n'],
  ] as const) {
    it(`never overwrites an ${name} file`, async () => {
      const { dir, land, follow } = await scene();
      await writeFile(box.path(dir, '.git/info/exclude'), exclude);
      await box.write(dir, { 'q/claimed/A.toon': 'mine\n' });
      const { expected, to } = await land(claimA);
      expect(await follow(expected, to)).toMatchObject({ kind: 'dirty' });
      expect(await box.read(dir, 'q/claimed/A.toon')).toBe('mine\n');
      expect(await status(dir)).toBe(' M q/claimed/A.toon');
    });
  }

  it('waits its turn: what a lock of git kept from following is made up for later', async () => {
    const { dir, land, follow } = await scene();
    const { expected, to } = await land(claimA);
    await writeFile(box.path(dir, '.git/index.lock'), '');
    expect(await follow(expected, to)).toMatchObject({ kind: 'busy' });
    await box.run(box.path(dir), 'rm', ['.git/index.lock']);
    const later = await land({ 'q/tasks/B.toon': 'b changed\n' });
    expect(await follow(later.expected, later.to)).toEqual({ kind: 'followed' });
    expect(await status(dir)).toBe('');
    await expectClean(dir);
  });

  it('takes another worktree along that has the branch checked out', async () => {
    const { dir, land, follow } = await scene();
    await box.git(dir, 'checkout', '-q', '-b', 'feature');
    await box.git(dir, 'worktree', 'add', '-q', `../other-${dir}`, 'develop');
    const { expected, to } = await land(claimA);
    expect(await status(`other-${dir}`)).not.toBe('');
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await status(`other-${dir}`)).toBe('');
    expect(await status(dir)).toBe('');
    await expectClean(`other-${dir}`);
  });

  it('has nothing to do where the branch is not checked out', async () => {
    const { dir, land, follow } = await scene();
    await box.git(dir, 'checkout', '-q', '-b', 'feature');
    const { expected, to } = await land(claimA);
    expect(await follow(expected, to)).toEqual({ kind: 'not-on-branch' });
    expect(await status(dir)).toBe('');
    await expectClean(dir);
  });

  it('forgets a move that was rejected', async () => {
    const { dir, from } = await scene();
    const upstream = openUpstream(await box.open(dir), undefined);
    const stray = await box.git(dir, 'commit-tree', `${from}^{tree}`, '-m', 'stray');
    expect(await upstream.push([{ ref: BRANCH, expected: stray, to: stray }])).toMatchObject({ kind: 'rejected' });
    await expectClean(dir);
  });

  it('keeps up with 20 processes that land and follow at once', async () => {
    const { dir } = await scene();
    const agent = async (index: number) => {
      const repository = await box.open(dir);
      const upstream = openUpstream(repository, undefined);
      for (;;) {
        const expected = (await upstream.look(BRANCH, [])).tip ?? '';
        const scratch = `refs/scratch/${index}`;
        await box.git(dir, 'update-ref', scratch, expected);
        const to = await box.commitTo(dir, scratch, {
          [`q/claimed/N-${index}.toon`]: 'x\n',
          'q/counter': `${index}\n`,
        });
        const outcome = await upstream.push([{ ref: BRANCH, expected, to }]);
        if (outcome.kind !== 'landed') continue;
        await followIn(repository, { branchRef: BRANCH, to, paths: [], sync: true, movedFrom: expected });
        return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => agent(index)));
    expect(await status(dir)).toBe('');
    expect(await box.git(dir, 'rev-list', '--count', 'HEAD')).toBe('21');
    expect((await readdir(box.path(dir, 'q/claimed'))).length).toBe(20);
  });
});
