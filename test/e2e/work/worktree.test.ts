import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WorkSession } from '../../kit/scene/work-session.ts';

const COMMIT =
  'git config user.email a@b.invalid; git config user.name A; echo work > work.txt; git add work.txt; git commit -q -m Work; ';
const NOTE = 'git symbolic-ref --short HEAD >> "$MEET/branches"; pwd >> "$MEET/folders"; ';

describe('work --worktree', () => {
  it('gives every task a worktree of its own, and keeps the commits on its branch', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2' }]);
    // The user is somewhere else, with work of their own.
    await session.box.git('clone', 'checkout', '-q', '-b', 'mine');
    await session.box.write('clone', { 'mine.txt': 'mine' });
    const { code, stderr } = await session.work(['pool', '--concurrency', '2', '--worktree'], `${NOTE}${COMMIT}`).done;
    expect(code).toBe(0);
    expect((await session.met('branches')).trim().split('\n').sort()).toEqual(['feature/T-1', 'feature/T-2']);
    const folders = (await session.met('folders')).trim().split('\n');
    expect(folders.sort()).toEqual(['T-1', 'T-2'].map((id) => session.box.path('clone-worktrees', 'shop', id)));
    expect(stderr).toContain('its commits are on feature/T-1');
    expect(existsSync(session.box.path('clone-worktrees'))).toBe(false);
    expect(await session.box.git('clone', 'worktree', 'list')).not.toContain('worktrees');
    expect(await session.box.git('clone', 'show', 'feature/T-1:work.txt')).toBe('work');
    // Begun from the commit of the claim.
    expect(await session.box.git('clone', 'log', '-1', '--format=%s', 'feature/T-1^')).toContain('[AGENT-CLAIM]');
    expect(await session.box.git('clone', 'status', '--porcelain=v1', '-b')).toBe('## mine\n?? mine.txt');
  });

  it('leaves nothing where nothing was done', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code } = await session.work(['a1', '--worktree', '--worktree-dir', '../trees'], NOTE).done;
    expect(code).toBe(0);
    expect(await session.met('folders')).toBe(`${session.box.path('trees', 'shop', 'T-1')}\n`);
    expect(await session.box.git('clone', 'branch', '--list', 'feature/*')).toBe('');
    expect(existsSync(session.box.path('trees'))).toBe(false);
  });

  it('keeps uncommitted work, and what a failed command has left, and goes on there', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const first = await session.work(['a1', '--worktree'], `${NOTE}${COMMIT}echo half > half.txt; exit 1`).done;
    const path = session.box.path('clone-worktrees', 'shop', 'T-1');
    expect(first.code).toBe(6);
    expect(first.stderr).toContain(`the worktree is kept, the task is not completed: ${path}`);

    const second = await session.work(['a1', '--worktree'], `${NOTE}cat half.txt work.txt > "$MEET/seen"`).done;
    expect(second.code).toBe(0);
    expect(second.stderr).toContain(`continues in ${path}, as an earlier try left it`);
    expect(second.stderr).toContain(`the worktree is kept, it has uncommitted work: ${path}`);
    expect(await session.met('seen')).toBe('half\nwork\n');
    expect(await session.box.read('clone-worktrees/shop/T-1', 'half.txt')).toBe('half\n');
  });

  it('goes on with a branch whose worktree somebody removed', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    await session.work(['a1', '--worktree'], `${COMMIT}exit 1`).done;
    await session.box.run(session.box.root, 'rm', ['-r', session.box.path('clone-worktrees')]);
    const { code, stderr } = await session.work(['a1', '--worktree'], 'cp work.txt "$MEET/seen"').done;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('continues on the branch feature/T-1'),
    });
    expect(await session.met('seen')).toBe('work\n');
  });

  it('makes one again that its command has removed, on a branch that is named as it was told', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const removes = 'cd ..; rm -rf T-1; exit 1';
    const { code, stderr } = await session.work(
      ['a1', '--worktree', '--branch-name', 'agents/{agent}/{task}', '--retries', '1', '--retry-delay', '1ms'],
      `${NOTE}if [ -e work.txt ]; then cp work.txt "$MEET/seen"; cd ..; rm -rf T-1; exit 0; fi; ${COMMIT}${removes}`,
    ).done;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('its worktree was removed') });
    expect(await session.met('branches')).toBe('agents/a1/T-1\nagents/a1/T-1\n');
    expect(await session.met('seen')).toBe('work\n');
    expect(stderr).toContain('its commits are on agents/a1/T-1');
    expect(await session.box.git('clone', 'worktree', 'list')).not.toContain('worktrees');
  });

  it("leaves a branch of the user's alone, and that of another project", async () => {
    await using session = await WorkSession.create([
      { project: 'auth', id: 'T-1', priority: 9 },
      { project: 'billing', id: 'T-1' },
      { project: 'search', id: 'T-2' },
    ]);
    await session.box.git('clone', 'branch', 'feature/T-2');
    const tip = await session.box.git('clone', 'rev-parse', 'feature/T-2');
    await session.work(['a1', '--worktree'], `${NOTE}${COMMIT}`).done;
    expect((await session.met('branches')).trim().split('\n')).toEqual([
      'feature/T-1',
      'feature/billing-T-1',
      'feature/search-T-2',
    ]);
    expect(await session.box.git('clone', 'rev-parse', 'feature/T-2')).toBe(tip);
  });

  it('keeps a worktree whose HEAD went elsewhere', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code, stderr } = await session.work(['a1', '--worktree'], `git checkout -q --detach; ${COMMIT}`).done;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('HEAD is not on feature/T-1') });
    expect(existsSync(session.box.path('clone-worktrees', 'shop', 'T-1', 'work.txt'))).toBe(true);
  });

  it('claims no task after the other where no worktree can be made', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2' }, { id: 'T-3' }]);
    await session.box.write('.', { file: '' });
    const never = await session.work(['a1', '--worktree-dir', '../file/x'], 'true').done;
    expect(never).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('the folder for worktrees cannot be made'),
    });
    // Node's own way to make folders never ends there.
    for (const option of ['--worktree-dir', '--log-dir']) {
      const nowhere = await session.work(['a1', option, '/dev/null/x'], 'true').done;
      expect(nowhere).toMatchObject({ code: 5, stderr: expect.stringContaining(option) });
    }
    expect(await session.subjects()).not.toContainEqual(expect.stringContaining('CLAIM'));
    // The command takes the folder away.
    const { code, stdout } = await session.work(
      ['a1', '--worktree-dir', '../trees'],
      'cd ../../..; rm -rf trees; : > trees',
    ).done;
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'shop/T-1\n' });
    expect((await session.subjects()).filter((subject) => subject.includes('CLAIM'))).toHaveLength(2);
  });
});
