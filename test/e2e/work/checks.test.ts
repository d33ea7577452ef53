import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { poolTaskText, WorkSession } from '../../kit/scene/work-session.ts';

/** A task whose file names a check that fails until somebody makes a file. */
const CHECKED = `${poolTaskText({ id: 'T-1' })}verify[2]:\n  - echo "$AGENTQ_TASK_ID" >> "$MEET/checked"\n  - test -e "$MEET/fixed"\n`;

it('a task counts as done when its checks say so, and not before', async () => {
  await using session = await WorkSession.create([{ id: 'T-2' }], { '.agents/shop/tasks/T-1.toon': CHECKED });
  const first = await session.work(
    ['a1', '--check', 'echo "common $AGENTQ_TASK_ID" >> "$MEET/checked"', '--log-dir', 'logs'],
    'pwd > "$MEET/at"; echo "ran $AGENTQ_TASK_ID" >> "$MEET/checked"',
  ).done;
  expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 6, stdout: 'shop/T-2\n' });
  expect(first.stderr).toContain(
    'gave shop/T-1 back: it failed the check "test -e \\"$MEET/fixed\\"" (it ended with 1)',
  );
  expect(await session.met('checked')).toBe('ran T-1\ncommon T-1\nT-1\nran T-2\ncommon T-2\n');
  const log = await readFile(session.box.path('clone', 'logs', 'shop', 'T-1.log'), 'utf8');
  expect(log).toMatch(/ a1 check test -e "\$MEET\/fixed"\n$/);
  const files = await session.box.files('remote.git', 'develop');
  expect(files['.agents/shop/tasks/T-1.toon']).toBe(CHECKED);

  await session.agentq('claim', 'a2');
  const refused = await session.agentq('complete', 'T-1', 'a2', '--verify', '--json');
  expect(refused.code).toBe(6);
  expect(JSON.parse(refused.stdout).error).toMatchObject({ code: 'command-failed', exitCode: 1 });
  expect((await session.audit()).tip.get('shop/T-1')).toBe('claimed');
  const stranger = await session.agentq('complete', 'T-1', 'a3', '--verify');
  expect(stranger.code).toBe(3);
  // A command for a task that is somebody else's is not run.
  expect(stranger.stderr).not.toContain('checks shop/T-1');

  await session.meet('fixed');
  const done = await session.agentq('complete', 'T-1', 'a2', '--verify');
  expect({ code: done.code, stdout: done.stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
  expect((await session.audit()).violations).toEqual([]);
});

it('checks of task files are not run by a worker that was told not to', async () => {
  await using session = await WorkSession.create([], { '.agents/shop/tasks/T-1.toon': CHECKED });
  const { code, stdout } = await session.work(['a1', '--no-verify'], 'true').done;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
});
