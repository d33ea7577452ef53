import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branchNames, TaskWorktrees } from '../../../src/git/checkout/task-worktrees.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

function open(box: Scene): Promise<TaskWorktrees> {
  return TaskWorktrees.open({ dir: box.path('clone'), env: box.env, folder: undefined, onProcess: () => undefined });
}

async function prepared(box: Scene, id: string, project = 'shop'): Promise<string> {
  const base = await box.git('clone', 'rev-parse', 'HEAD');
  return (await (await open(box)).prepare({ project, id }, base)).branch;
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

  it('has names that git takes and that no other task has, whatever the ids', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/);
    fc.assert(
      fc.property(id, id, (one, other) => {
        for (const name of branchNames({ project: 'p', id: one })) {
          for (const part of name.split('/')) expect(part).not.toMatch(/^\.|\.\.|\.$|\.lock$|[\s~^:?*[\\]|@\{/);
        }
        const first = (key: string): string | undefined => branchNames({ project: 'p', id: key })[0];
        if (one !== other) expect(first(one)).not.toBe(first(other));
      }),
    );
  });

  it('is not made where its worktree cannot be, and nothing is left of it', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    await box.write('clone', { '.git/hooks/.keep': '' });
    const trees = await open(box);
    await expect(trees.prepare({ project: 'shop', id: 'T-1' }, 'f'.repeat(40))).rejects.toThrow();
    expect(await box.git('clone', 'branch', '--list', 'feature/*')).toBe('');
    // So that one that the user makes is the user's.
    await box.git('clone', 'branch', 'feature/T-1');
    expect(await prepared(box, 'T-1')).toBe('feature/shop-T-1');
  });
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
