import { expect, it } from 'vitest';
import { claimedPath, readyPath, taskText } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

const SETTINGS = 'agentq:\n  limits:\n    total: 2\n    pay: 1\n    label.gpu: 1\n';
const gpu = (id: string): string => `${taskText(id, { priority: 9 })}metadata:\n gpu: a100\n`;
const claim = 'claim:\n claimed_by: older\n claimed_at: 2199-01-01T00:00:00Z\n';

it('claims of all machines together stay within the limits on the branch', async () => {
  const files = {
    '.agents-core/config/agentq.toon': SETTINGS,
    [readyPath('TASK-1')]: gpu('TASK-1'),
    [readyPath('TASK-2')]: gpu('TASK-2'),
    [readyPath('TASK-3')]: taskText('TASK-3'),
    [readyPath('TASK-1', 'pay')]: taskText('TASK-1'),
    [claimedPath('TASK-9', 'pay')]: `${taskText('TASK-9')}\n${claim} last_heartbeat: ${new Date().toISOString()}\n`,
  };
  await using box = await scene({ files, clones: ['one', 'two'] });
  // An older script holds a task of pay.
  expect(await box.agentq('one', 'claim', 'a1', '--dry-run')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  const pay = await box.agentq('two', 'claim', 'a2', 'pay');
  expect([pay.code, pay.stderr]).toEqual([1, expect.stringContaining('1 held back by limit pay (1 of 1 claimed)')]);
  const [one, two] = await Promise.all([box.agentq('one', 'claim', 'a1'), box.agentq('two', 'claim', 'a2')]);
  expect([one.code, two.code].sort()).toEqual([0, 1]);
  expect(`${one.stdout}${two.stdout}`).toBe('auth/TASK-1\n');
  expect(`${one.stderr}${two.stderr}`).toContain('3 held back by limit total (2 of 2 claimed)');
  const { stdout } = await box.agentq('one', 'status');
  expect(stdout).toMatch(/LIMIT +CLAIMED +HOLDS BACK\ntotal +2\/2 +3 tasks\npay +1\/1 +-\nlabel.gpu +1\/1 +-\n/);
});

it('tasks that touch the same files are claimed one after the other', async () => {
  const plan = [
    { id: 'T-1', title: 'Sign in', priority: 9, touches: 'src/auth/**' },
    { id: 'T-2', title: 'Sign out', priority: 8, touches: ['docs/*.md', 'src/{auth,ui}/out.ts'] },
    { id: 'T-3', title: 'Pay', priority: 7 },
  ];
  await using box = await scene({ files: { '.agents/auth/tasks/.gitkeep': '' }, clones: ['clone'] });
  await box.write('.', { 'plan.json': JSON.stringify({ project: 'auth', tasks: plan }) });
  expect((await box.agentq('clone', 'add', '--file', box.path('plan.json'))).code).toBe(0);
  expect((await box.agentq('clone', 'claim', 'a1')).stdout).toBe('auth/T-1\n');
  expect((await box.agentq('clone', 'claim', 'a2')).stdout).toBe('auth/T-3\n');
  const third = await box.agentq('clone', 'claim', 'a3');
  expect([third.code, third.stderr]).toEqual([
    1,
    expect.stringContaining('1 held back by auth/T-1 (touches src/auth/**), 2 claimed'),
  ]);
  const listed = await box.agentq('clone', 'list', '--ready');
  expect(listed.stdout).toMatch(
    /^TASK +.*WAITS FOR.*\nauth\/T-2 .*ready +auth\/T-1 \(touches src\/auth\/\*\*\) +Sign out\n$/,
  );
  expect((await box.agentq('clone', 'complete', 'T-1', 'a1')).code).toBe(0);
  expect((await box.agentq('clone', 'claim', 'a3')).stdout).toBe('auth/T-2\n');
  expect((await box.agentq('clone', 'validate')).code).toBe(0);
});
