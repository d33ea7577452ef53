import { describe, expect, it } from 'vitest';
import { WorkTrace } from '../../../src/git/checkout/work-trace.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const commit = async (box: Scene, dir: string, name: string, ...author: readonly string[]): Promise<void> => {
  await box.write(dir, { [name]: 'x' });
  await box.git(dir, 'add', name);
  await box.git(dir, 'commit', '-q', '-m', name, ...author);
};

describe('a command has left work in a checkout', () => {
  const QUEUE = ['--author', 'a1 <a1@agentq.invalid>'];

  it.each<[string, (box: Scene) => Promise<unknown>, boolean]>([
    ['not if it did nothing', async () => undefined, false],
    ['with a change', (box) => box.write('clone', { 'a.txt': 'new' }), true],
    ['with a new file', (box) => box.write('clone', { 'b.txt': 'new' }), true],
    ['not with a file that git ignores', (box) => box.write('clone', { 'x.log': 'new' }), false],
    ['with a commit', (box) => commit(box, 'clone', 'b.txt'), true],
    [
      'with a commit on a branch of its own',
      async (box) => {
        await box.git('clone', 'switch', '-q', '-c', 'feature');
        await commit(box, 'clone', 'b.txt');
        await box.git('clone', 'switch', '-q', 'develop');
      },
      true,
    ],
    ['not with a branch alone', (box) => box.git('clone', 'branch', 'feature'), false],
    ['not if the checkout followed the queue', (box) => commit(box, 'clone', 'q.toon', ...QUEUE), false],
  ])('%s', async (_, act, expected) => {
    await using box = await scene({ files: { 'a.txt': 'old', '.gitignore': '*.log\n' }, clones: ['clone'] });
    await box.write('clone', { 'before.txt': 'somebody else left this' });
    const trace = await WorkTrace.begin({ dir: box.path('clone'), env: process.env });
    await act(box);
    expect(await trace.hasWork()).toBe(expected);
  });
});

describe('a worktree of a task', () => {
  it('has what is on its branch and not in its base, and nothing of other branches', async () => {
    await using box = await scene({ files: { 'a.txt': 'old' }, clones: ['clone'] });
    const base = await box.git('clone', 'rev-parse', 'HEAD');
    await box.git('clone', 'worktree', 'add', '-q', '-b', 'feature/T-1', '../tree');
    const place = { dir: box.path('tree'), env: process.env, worktree: { branch: 'feature/T-1', base } };
    await commit(box, 'clone', 'b.txt');
    expect(await (await WorkTrace.begin(place)).hasWork()).toBe(false);
    await commit(box, 'tree', 'c.txt');
    // Also what an earlier try has left.
    expect(await (await WorkTrace.begin(place)).hasWork()).toBe(true);
  });
});
