import { describe, expect, it } from 'vitest';
import { claimedPath, queueRemote, readyPath } from '../../kit/queues/queue-files.ts';
import { claimIn, expectClaimed, expectFollowed, expectUntouched } from '../../kit/scene/claim-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Every place that CONTRACT 4 names, each with a real clone of that kind: the claim works, and the user's work is safe. */

const QUEUE = { tasks: 2 };

/**
 * A queue of two tasks and a clone of it; somebody else has pushed since, so that there is something to fetch.
 * @returns names in the sandbox
 */
async function place(
  box: Scene,
  ...options: readonly string[]
): Promise<{ readonly remote: string; readonly clone: string; readonly others: string }> {
  const { remote } = box;
  await box.git(remote, 'branch', 'main', 'develop');
  const clone = await box.clone(remote, 'clone', ...options);
  const others = await box.commitTo(remote, 'refs/heads/develop', { '.agents/news.md': 'News\n' }, 'Somebody else');
  return { remote, clone, others };
}

describe('on the coordination branch', () => {
  it('fast-forwards a clean checkout, so that the task is there to read', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    await expectFollowed(box, clone, remote, claim);
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  });

  it('leaves the checkout as it is with --no-sync', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    const claim = await claimIn(box, clone, { args: ['--no-sync'] });
    await expectClaimed(box, remote, claim);
    expectUntouched(claim, undefined);
  });

  it('keeps modified, staged and untracked files and the stash', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await box.write(clone, { 'README.md': 'stashed\n' });
    await box.git(clone, 'stash', 'push', '-q');
    await box.git(clone, 'reset', '-q', '--hard');
    await box.write(clone, { 'README.md': 'modified\n', 'src/code.ts': 'staged\n', 'src/new.ts': 'staged too\n' });
    await box.git(clone, 'add', 'src');
    await box.write(clone, { 'src/code.ts': 'staged, then modified\n', 'notes.txt': 'untracked\n' });
    const work = () => workOf(box, clone);
    const before = await work();
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(await box.git(remote, 'rev-parse', 'develop'));
    expect(claim.said).toHaveLength(1);
    expect(await work()).toEqual(before);
  });

  it.each([
    [
      'the task file is modified',
      async (box: Scene, clone: string) => box.write(clone, { [readyPath('TASK-1')]: 'mine\n' }),
    ],
    [
      'a file is in the place of the claimed one',
      async (box: Scene, clone: string) => box.write(clone, { [claimedPath('TASK-1')]: 'mine\n' }),
    ],
    [
      'the task file is removed and staged',
      async (box: Scene, clone: string) => void (await box.git(clone, 'rm', '-q', '--cached', readyPath('TASK-1'))),
    ],
  ])('does not follow where %s', async (_why, change) => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await change(box, clone);
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    expectUntouched(claim, /TASK-1/);
  });

  it('does not follow in the middle of a merge with conflicts', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await box.git(clone, 'checkout', '-q', '-b', 'feature');
    await box.commit(clone, { 'README.md': 'theirs\n' });
    await box.git(clone, 'checkout', '-q', 'develop');
    await box.commit(clone, { 'README.md': 'ours\n' });
    expect((await box.tryGit(clone, 'merge', 'feature')).stdout).toContain('CONFLICT');
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    expectUntouched(claim, /a merge is in progress/);
  });

  it('never pushes local commits, nor drops them', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone, others } = await place(box);
    const mine = await box.commit(clone, { 'src/code.ts': 'local\n' }, 'Local work');
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    expectUntouched(claim, /local develop has a commit that is not on the remote/);
    expect(await box.git(remote, 'rev-parse', 'develop^')).toBe(others);
    expect((await box.tryGit(remote, 'cat-file', '-e', mine)).exitCode).not.toBe(0);
  });
});

it('runs none of the hooks of the repository or the user', async () => {
  await using box = await scene(QUEUE);
  const { remote, clone } = await place(box);
  const hooks = [
    'pre-push',
    'pre-commit',
    'prepare-commit-msg',
    'commit-msg',
    'post-commit',
    'pre-merge-commit',
    'post-merge',
    'post-checkout',
    'post-rewrite',
    'post-index-change',
    'reference-transaction',
    'pre-auto-gc',
  ];
  for (const name of hooks) await box.hook(`${clone}/.git`, name, `echo ${name} >> '${box.path('ran')}'; exit 1`);
  await box.git(clone, 'config', 'core.hooksPath', box.path(clone, '.git', 'hooks'));
  const claim = await claimIn(box, clone);
  await expectClaimed(box, remote, claim);
  await expectFollowed(box, clone, remote, claim);
  await expect(box.read('.', 'ran')).rejects.toThrow('ENOENT');
});

describe('elsewhere than on the coordination branch', () => {
  it.each([
    ['a feature branch', ['checkout', '-q', '-b', 'feature']],
    ['a detached HEAD, as in CI', ['checkout', '-q', '--detach']],
  ])('claims from %s and leaves it as it is', async (_place, command) => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await box.git(clone, ...command);
    await box.write(clone, { 'src/code.ts': 'modified\n', 'notes.txt': 'untracked\n' });
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    expectUntouched(claim, /develop is not checked out here/);
  });

  it('claims from a linked worktree, and leaves the checkout of the branch in the other one alone', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await box.git(clone, 'worktree', 'add', '-q', '-b', 'feature', `../worktree-${clone}`);
    const claim = await claimIn(box, `worktree-${clone}`);
    await expectClaimed(box, remote, claim);
    expectUntouched(claim, /develop is not checked out here/);
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  });

  it('follows in a linked worktree that is on the branch', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await box.git(clone, 'checkout', '-q', '-b', 'feature');
    await box.git(clone, 'worktree', 'add', '-q', `../worktree-${clone}`, 'develop');
    const claim = await claimIn(box, `worktree-${clone}`);
    await expectClaimed(box, remote, claim);
    await expectFollowed(box, `worktree-${clone}`, remote, claim);
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  });

  it('claims from a bare clone', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box, '--bare');
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    expectUntouched(claim, undefined);
  });
});

describe('in part of a clone', () => {
  it.each([
    ['shallow', ['--depth', '1']],
    ['shallow, of all branches', ['--depth', '1', '--no-single-branch']],
    ['partial, without blobs', ['--filter=blob:none']],
    ['partial, without trees', ['--filter=tree:0']],
    ['with nothing checked out yet', ['--filter=blob:none', '--no-checkout', '--branch', 'main']],
    ['of another branch only', ['--single-branch', '--branch', 'main']],
  ])('claims from a clone that is %s', async (_kind, options) => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box, ...options);
    const isOnBranch = !options.includes('main');
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    if (isOnBranch) await expectFollowed(box, clone, remote, claim);
    else expectUntouched(claim, /develop is not checked out here/);
    // Neither deepened nor filled: that is the user's decision.
    if (options.includes('1')) expect(await box.git(clone, 'rev-parse', '--is-shallow-repository')).toBe('true');
    if (isOnBranch) expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  });

  it('claims from a sparse checkout without the queue in it', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await box.git(clone, 'sparse-checkout', 'set', '--cone', 'src');
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(await box.git(remote, 'rev-parse', 'develop'));
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  });
});

describe('wherever it is started', () => {
  it('works from a subfolder', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    const claim = await claimIn(box, clone, { cwd: `${clone}/src` });
    await expectClaimed(box, remote, claim);
    await expectFollowed(box, clone, remote, claim);
  });

  it('works with -C', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    const claim = await claimIn(box, clone, { cwd: '.', args: ['-C', `${clone}/src`] });
    await expectClaimed(box, remote, claim);
    await expectFollowed(box, clone, remote, claim);
  });

  it('works from a path with spaces and letters beyond ASCII', async () => {
    await using box = await scene(QUEUE);
    const remote = await queueRemote(box, 2, { name: 'entfernte Straße.git' });
    const clone = await box.clone(remote, 'mein Klon – 日本');
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    await expectFollowed(box, clone, remote, claim);
  });

  it('works in a repository with SHA-256', async () => {
    await using box = await scene(QUEUE);
    const remote = await queueRemote(box, 2, { name: 'sha256.git', format: 'sha256' });
    const clone = await box.clone(remote, 'clone');
    const claim = await claimIn(box, clone);
    await expectClaimed(box, remote, claim);
    await expectFollowed(box, clone, remote, claim);
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('works on a machine where nobody has told git who they are', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    const env = { GIT_CONFIG_GLOBAL: '/dev/null' };
    const claim = await claimIn(box, clone, { env });
    await expectClaimed(box, remote, claim);
    await expectFollowed(box, clone, remote, claim);
    expect(await box.git(remote, 'log', '-1', '--format=%cn <%ce>', 'develop')).toBe('a1 <a1@agentq.invalid>');
  });

  it('has the user as the committer where git knows them', async () => {
    await using box = await scene(QUEUE);
    const { remote, clone } = await place(box);
    await expectClaimed(box, remote, await claimIn(box, clone));
    expect(await box.git(remote, 'log', '-1', '--format=%cn <%ce>', 'develop')).toBe('Test User <user@example.com>');
  });
});

/** What the user has done and not committed, as git tells it. */
async function workOf(box: Scene, dir: string): Promise<readonly string[]> {
  return await Promise.all([
    box.git(dir, 'status', '--porcelain', '-uall'),
    box.git(dir, 'diff'),
    box.git(dir, 'diff', '--cached'),
    box.git(dir, 'stash', 'list', '--format=%H %gd %s'),
    box.git(dir, 'rev-parse', 'ORIG_HEAD'),
    box.read(dir, 'notes.txt'),
  ]);
}
