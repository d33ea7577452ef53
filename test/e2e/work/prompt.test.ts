import { expect, it } from 'vitest';
import { WorkSession } from '../../kit/scene/work-session.ts';

it('gives commands a prompt on stdin, with the place of the task, and takes no task by a template that cannot be', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2', status: 'blocked', required: ['T-1'] }]);
  const broken = await session.work(['a1', '--template', 'none.md'], 'true').done;
  expect(broken).toMatchObject({ code: 5, stdout: '' });
  expect(broken.stderr).toContain('none.md');
  expect((await session.work(['a1', '--prompt', '--no-stdin'], 'true').done).code).toBe(64);

  const { code, stdout } = await session.work(['a1', '--prompt', '--worktree'], 'cat > "$MEET/$AGENTQ_TASK_ID"').done;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\nshop/T-2\n' });
  expect(await session.met('T-1')).toMatch(
    /^# Title of T-1\n\nTask shop\/T-1, for a1\.\n[\s\S]*In `\/\S+`, a worktree on the branch `feature\/T-1` that is yours alone\. It is for `develop`\./,
  );
  // The branch of T-1 has no commit of its own, and was never pushed.
  expect(await session.met('T-2')).toContain('\n- shop/T-1, Title of T-1 (completed)\n');
});
