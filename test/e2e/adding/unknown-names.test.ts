import { expect, it } from 'vitest';
import { runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { scene } from '../../kit/scene/scene.ts';

const task = (id: string): string => `task:\n id: ${id}\n title: Title of ${id}\n status: ready\n`;

const QUEUE = {
  files: {
    '.agents/auth/tasks/TASK-001.toon': task('TASK-001'),
    '.agents/auth/tasks/TASK-002.toon': task('TASK-002'),
    '.agents/auth/tasks/TASK-003.toon': task('TASK-003'),
    '.agents/empty/tasks/.gitkeep': '',
  },
  clones: ['clone'],
};

const WORDS = 'there is no project auht in this queue (did you mean auth?)';

it.each([
  [['claim', 'a', 'auht']],
  [['claim', 'a', '--prefer', 'auht']],
  [['claim', 'a', '--task', 'auht/TASK-001']],
  [['heartbeat', 'TASK-001', 'a', 'auht']],
  [['complete', 'TASK-001', 'a', '', 'auht']],
  [['release', 'TASK-001', 'a', 'auht']],
  [['release-stalled', 'auht']],
  [['unblock', 'auht']],
  [['unblock', '--task', 'auht/TASK-001']],
  [['list', 'auht']],
  [['show', 'auht/TASK-001']],
  [['status', 'auht']],
  [['watch', 'auht', '--once']],
  [['metrics', 'auht']],
  [['validate', 'auht']],
  [['work', 'a', 'auht', '--', 'true']],
])('%j ends with 64 and names the project that was meant', async (args) => {
  await using box = await scene(QUEUE);
  const { code, stdout, stderr } = await box.agentq('clone', ...args);
  expect({ code, stdout }, stderr).toEqual({ code: 64, stdout: '' });
  expect(stderr).toContain(WORDS);
});

it('knows a project without tasks', async () => {
  await using box = await scene(QUEUE);
  for (const args of [
    ['list'],
    ['status'],
    ['validate'],
    ['metrics'],
    ['unblock'],
    ['release-stalled'],
    ['watch', '--once'],
  ]) {
    const [command = '', ...options] = args;
    const { code, stderr } = await box.agentq('clone', command, 'empty', ...options);
    expect({ args, code }, stderr).toEqual({ args, code: 0 });
  }
  expect((await box.agentq('clone', 'claim', 'a', 'empty')).code).toBe(1);
});

it.each([
  [['heartbeat', 'TASK-1', 'a']],
  [['complete', 'TASK-1', 'a']],
  [['release', 'TASK-1', 'a']],
  [['show', 'TASK-1']],
  [['claim', 'a', '--task', 'TASK-1']],
  [['unblock', '--task', 'TASK-1']],
])('%j ends with 3 and names the task that was meant', async (args) => {
  await using box = await scene(QUEUE);
  const { code, stderr } = await box.agentq('clone', ...args);
  expect(code).toBe(3);
  expect(stderr).toContain('there is no task TASK-1 in any project of this queue (did you mean auth/TASK-001?)');
});

it('is the mistake of those who made it, and of nobody else in their batch', async () => {
  await using box = await scene(QUEUE);
  const runs = ['auth', 'auht', 'auth', 'auht', 'auth'].map((project, index) => ({
    args: ['claim', `a${index}`, project],
    options: box.in('clone'),
  }));
  const answers = await runAgentqAtOnce(runs);
  expect(answers.map(({ code }) => code)).toEqual([0, 64, 0, 64, 0]);
  for (const index of [1, 3]) expect(answers[index]?.stderr).toContain(WORDS);
});

it('is waited for with --wait, and says so', async () => {
  await using box = await scene(QUEUE);
  const early = await box.agentq('clone', 'claim', 'a', 'later', '--wait', '100ms');
  expect(early.code).toBe(1);
  expect(early.stderr).toContain('there is no project later in this queue; waiting for 100ms at most');
  const claim = box.start('clone', ['claim', 'a', 'later', '--wait']);
  const work = box.start('clone', ['work', 'w', 'later', '--wait', '--once', '--', 'true']);
  await Promise.all([
    said(claim, 'stderr', /there is no project later in this queue; waiting/),
    said(work, 'stderr', /there is no project later in this queue; waiting for it/),
  ]);
  await box.commitTo(
    box.remote,
    'refs/heads/develop',
    { '.agents/later/tasks/T-1.toon': task('T-1'), '.agents/later/tasks/T-2.toon': task('T-2') },
    'A new project',
  );
  const [claimed, worked] = await Promise.all([claim.done, work.done]);
  expect([claimed.code, worked.code], claimed.stderr + worked.stderr).toEqual([0, 0]);
  expect([claimed.stdout.trim(), worked.stdout.trim()].sort()).toEqual(['later/T-1', 'later/T-2']);
});
