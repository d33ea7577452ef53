import { describe, expect, it } from 'vitest';
import { DEFAULT_BRANCH_TEMPLATE } from '../../../src/domain/base/branch-template.ts';
import { type TaskWorktree, TaskWorktrees, type WorktreeWish } from '../../../src/git/checkout/task-worktrees.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

function open(box: Scene): Promise<TaskWorktrees> {
  return TaskWorktrees.open({ dir: box.path('clone'), env: box.env, folder: undefined, onProcess: () => undefined });
}

function wish(id: string, base: string, project = 'shop'): WorktreeWish {
  return { task: { project, id }, agent: 'a1', template: DEFAULT_BRANCH_TEMPLATE, base };
}

async function prepared(box: Scene, id: string, project = 'shop'): Promise<string> {
  const base = await box.git('clone', 'rev-parse', 'HEAD');
  return (await (await open(box)).prepare(wish(id, base, project))).branch;
}

describe('the branch of a task', () => {
  it.each([
    [['feature'], 'agentq/shop/T-1'],
    [['feature/T-1/x'], 'feature/shop-T-1'],
    [['feature/T-1'], 'feature/shop-T-1'],
    [['feature/T-1', 'feature/shop-T-1/y'], 'agentq/shop/T-1'],
    [['feature', 'agentq'], 'agentq-shop-T-1'],
    [['feature', 'agentq/shop'], 'agentq-shop-T-1'],
    [['feature', 'agentq', 'agentq-shop-T-1', 'agentq-shop-T-1-2/x'], 'agentq-shop-T-1-3'],
  ])('beside %j is %s', async (branches, expected) => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    for (const branch of branches) await box.git('clone', 'branch', branch);
    expect(await prepared(box, 'T-1')).toBe(expected);
    // The same the next time: it is the branch of this task.
    expect(await prepared(box, 'T-1')).toBe(expected);
    const listed = (await box.git('clone', 'branch', '--format=%(refname:short)')).split('\n');
    expect(listed.sort()).toEqual([...branches, expected, 'develop'].sort());
  });

  it.each(['x.lock', 'a..b', 'a.', 'a...lock', 'A.lock.'])('of %s is one that git takes', async (id) => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const branch = await prepared(box, id);
    expect(branch).toMatch(/^feature\//);
    expect(await prepared(box, id)).toBe(branch);
  });

  it('is not made where its worktree cannot be, and nothing is left of it', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    await box.write('clone', { '.git/hooks/.keep': '' });
    const trees = await open(box);
    await expect(trees.prepare(wish('T-1', 'f'.repeat(40)))).rejects.toThrow();
    expect(await box.git('clone', 'branch', '--list', 'feature/*')).toBe('');
    // So that one that the user makes is the user's.
    await box.git('clone', 'branch', 'feature/T-1');
    expect(await prepared(box, 'T-1')).toBe('feature/shop-T-1');
  });
});

it('a worktree is made and removed out of reach of a signal to our process group', async () => {
  await using box = await scene({ files: { 'a.txt': 'a', '.gitattributes': '*.txt filter=told' }, clones: ['clone'] });
  const group = async (pid: number) => (await box.run(box.root, 'ps', ['-o', 'pgid=', '-p', `${pid}`])).stdout.trim();
  await box.git('clone', 'config', 'filter.told.smudge', `ps -o pgid= -p $$ > '${box.path('group')}'; cat`);
  await prepared(box, 'T-1');
  const theirs = (await box.read('.', 'group')).trim();
  expect(theirs).toMatch(/^\d+$/);
  expect(theirs).not.toBe(await group(process.pid));
});

describe('worktrees whose folder is gone', () => {
  it('are not registered any more, where they are ours', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    await prepared(box, 'T-1');
    await box.git('clone', 'worktree', 'add', '-q', '-b', 'mine', '../mine');
    await box.run(box.root, 'rm', ['-r', box.path('clone-worktrees'), box.path('mine')]);
    await open(box);
    const listed = await box.git('clone', 'worktree', 'list', '--porcelain');
    expect(listed).not.toContain('clone-worktrees');
    expect(listed).toContain('branch refs/heads/mine');
    expect(await box.git('clone', 'branch', '--list', '--format=%(refname:short)', 'feature/*')).toBe('feature/T-1');
  });
});

describe('a worktree whose folder was removed while its command ran', () => {
  /** A worktree of a task, with one commit unless `commits` is 0, whose folder is gone. */
  async function gone(box: Scene, commits: number, ...more: readonly string[]): Promise<[TaskWorktrees, TaskWorktree]> {
    const trees = await open(box);
    const worktree = await trees.prepare(wish('T-1', await box.git('clone', 'rev-parse', 'HEAD')));
    if (commits > 0) await box.commit('clone-worktrees/shop/T-1', { 'work.txt': 'work' });
    if (more.length > 0) await box.git('clone', ...more);
    await box.run(box.root, 'rm', ['-rf', worktree.path]);
    expect(trees.isThere(worktree)).toBe(false);
    return [trees, worktree];
  }
  const registered = (box: Scene) => box.git('clone', 'worktree', 'list');
  const branches = (box: Scene) => box.git('clone', 'branch', '--list', '--format=%(refname:short)', 'feature/*');

  it.each(['completed', 'unfinished'] as const)('leaves nothing stale of a %s task', async (result) => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const [trees, worktree] = await gone(box, 0);
    expect(await trees.finish(worktree, result)).toEqual({ kind: 'removed', branch: undefined });
    expect(await registered(box)).not.toContain('worktrees');
    expect(await branches(box)).toBe('');
    // Nor a mark: a branch that the user makes now is the user's.
    await box.git('clone', 'branch', 'feature/T-1');
    expect(await prepared(box, 'T-1')).toBe('feature/shop-T-1');
  });

  it('keeps its commits, and goes on with them in the same place', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const [trees, worktree] = await gone(box, 1);
    const again = await trees.prepare(wish('T-1', worktree.base));
    expect(again).toMatchObject({ path: worktree.path, branch: 'feature/T-1', origin: 'branch' });
    expect(await box.read('clone-worktrees/shop/T-1', 'work.txt')).toBe('work');
    await box.run(box.root, 'rm', ['-rf', worktree.path]);
    expect(await trees.finish(again, 'unfinished')).toEqual({ kind: 'removed', branch: 'feature/T-1' });
    expect(await registered(box)).not.toContain('worktrees');
    expect(await branches(box)).toBe('feature/T-1');
  });

  it('was moved: then its branch is where it is now', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const [trees, worktree] = await gone(box, 0, 'worktree', 'move', '../clone-worktrees/shop/T-1', '../elsewhere');
    expect(await trees.finish(worktree, 'completed')).toEqual({ kind: 'removed', branch: 'feature/T-1' });
    expect(await registered(box)).toContain('elsewhere');
  });

  it('was removed with its branch, by a command that tidies up', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const [trees, worktree] = await gone(box, 1, 'worktree', 'remove', '../clone-worktrees/shop/T-1');
    await box.git('clone', 'branch', '-D', 'feature/T-1');
    expect(await trees.finish(worktree, 'completed')).toEqual({ kind: 'removed', branch: undefined });
    expect(await prepared(box, 'T-1')).toBe('feature/T-1');
  });
});
