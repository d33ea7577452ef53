import { expect, it } from 'vitest';
import { WorkSession } from '../../kit/scene/work-session.ts';

const COMMIT = 'echo "$AGENTQ_TASK_ID" >> work.txt; git add -A; git commit -q -m "Work on $AGENTQ_TASK_ID"; ';
const SEE = 'ls -A > "$MEET/$AGENTQ_TASK_ID"; echo "$AGENTQ_BASE" >> "$MEET/$AGENTQ_TASK_ID"; ';

it('a queue beside the code: work starts from the code as it is now, and carries no commit of the queue', async () => {
  await using session = await WorkSession.create([
    { id: 'T-1', priority: 9 },
    { id: 'T-2', required: ['T-1'] },
    { id: 'T-3', status: 'blocked' },
  ]);
  const { box } = session;
  await box.commitTo('remote.git', 'refs/heads/main', { 'app.txt': 'one' }, 'Code');
  await box.git('remote.git', 'symbolic-ref', 'HEAD', 'refs/heads/main');

  const wrong = await session.work(['a1', '--worktree', '--base', 'origin/main'], 'true').done;
  expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
    code: 64,
    stderr: expect.stringContaining('name main'),
  });
  expect((await session.subjects()).join()).not.toContain('CLAIM');

  // What is merged while the pool runs is there for the next task.
  const merges = `git push -q origin HEAD:main HEAD; `;
  const { code, stderr } = await session.work(['a1', '--worktree'], `${SEE}${COMMIT}${merges}`).done;
  expect(code, stderr).toBe(0);
  expect(await session.met('T-1')).toBe('.git\napp.txt\nmain\n');
  expect(await session.met('T-2')).toBe('.git\napp.txt\nwork.txt\nmain\n');
  const subjects = async (range: string): Promise<string[]> =>
    (await box.git('remote.git', 'log', '--format=%s', range)).split('\n');
  expect(await subjects('feature/T-2')).toEqual(['Work on T-2', 'Work on T-1', 'Code']);

  // A dependency whose branch waits to be merged; the queue's settings name the base.
  await box.commitTo('remote.git', 'refs/heads/next', { 'next.txt': 'n' }, 'Next');
  await box.commitTo('remote.git', 'refs/heads/feature/T-4', { 'four.txt': '4' }, 'Work on T-4');
  await box.commitTo('remote.git', 'refs/heads/develop', {
    '.agents-core/config/agentq.toon': 'agentq:\n  base: next\n',
    '.agents/shop/completed/T-4.toon': 'task:\n  id: T-4\n  status: completed\n',
    '.agents/shop/tasks/T-5.toon':
      'task:\n  id: T-5\n  priority: 9\n  status: ready\ndependencies:\n  required[1]: T-4\n',
    '.agents/shop/tasks/T-6.toon': 'task:\n  id: T-6\n  status: ready\ndependencies:\n  required[1]: T-4\n',
  });
  const fromDeps = await session.work(['a1', '--worktree', '--base-from-deps', '--max-tasks', '1'], SEE).done;
  expect(fromDeps.stderr).toContain('starts from feature/T-4, which is not merged into next yet');
  await session.work(['a1', '--worktree'], SEE).done;
  expect(await session.met('T-5')).toBe('.git\nfour.txt\nnext\n');
  expect(await session.met('T-6')).toBe('.git\nnext.txt\nnext\n');

  // Whoever has misspelt it hears of it before the first task.
  const settings = { '.agents-core/config/agentq.toon': 'agentq:\n  base: nxet\n' };
  const tip = await box.commitTo('remote.git', 'refs/heads/develop', settings);
  const work = await session.work(['a1', '--worktree'], 'true').done;
  expect([work.code, work.stderr]).toEqual([5, expect.stringContaining('there is no branch nxet on origin')]);
  expect(await box.git('remote.git', 'rev-parse', 'develop')).toBe(tip);
  const validated = await session.agentq('validate');
  expect([validated.code, validated.stdout]).toEqual([5, expect.stringContaining('missing-base')]);
  expect((await session.agentq('init')).stderr).toContain('base names nxet, and there is no such branch on origin');
});
