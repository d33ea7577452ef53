import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { said } from '../../kit/processes/said.ts';
import { branchScene } from '../../kit/scene/branch-scene.ts';
import { scene } from '../../kit/scene/scene.ts';

const WHY = 'the queue is paused by Ada since ';

it('a pause stops claims and nothing else, says why everywhere, and those who wait go on after it', async () => {
  const files = {
    '.agents/auth/tasks/TASK-1.toon': plainTask('TASK-1', { priority: 9 }),
    '.agents/auth/tasks/TASK-2.toon': plainTask('TASK-2'),
    '.agents/pay/tasks/TASK-3.toon': plainTask('TASK-3'),
  };
  await using box = await scene({ files, clones: ['clone', 'other'] });
  const run = (...args: readonly string[]) => box.agentq('clone', ...args);
  expect(await run('claim', 'a1')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  expect((await run('pause', '--agent', 'Ada')).code).toBe(64);
  expect((await run('pause', 'nope', '--reason', 'x', '--agent', 'Ada')).code).toBe(64);
  expect(await run('resume', '--agent', 'Ada')).toMatchObject({ code: 0, stdout: '*\n' });
  expect(await run('pause', '--reason', 'first', '--agent', 'Ada')).toMatchObject({ code: 0, stdout: '*\n' });
  expect(await run('pause', '--reason', 'the tree is red', '--agent', 'Ada')).toMatchObject({ code: 0 });

  const refused = await run('claim', 'a2');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain(WHY);
  expect(refused.stderr).toContain(': the tree is red');
  expect((await run('claim', 'a2', 'pay', '--json')).stdout).toContain('the tree is red');
  const worked = await run('work', 'w', '--', 'true');
  expect(worked).toMatchObject({ code: 1, stdout: '' });
  expect(worked.stderr).toContain('the tree is red');
  const status = await run('status');
  expect(status.stdout.split('\n')[0]).toMatch(/^PAUSED: the queue is paused by Ada since \S+: the tree is red$/);
  expect((await run('prime', 'a2')).stdout).toContain(WHY);

  // What is at work goes on.
  expect((await run('heartbeat', 'TASK-1', 'a1')).code).toBe(0);
  expect((await run('complete', 'TASK-1', 'a1')).code).toBe(0);

  const claiming = box.start('clone', ['claim', 'a3', '--wait']);
  const working = box.start('other', ['work', 'w', '--wait', '--max-tasks', '1', '--', 'true']);
  // Either may be first, and what was said before is not heard.
  await Promise.all([claiming, working].map((one) => said(one, 'stderr', /the tree is red; waiting/)));
  expect(await run('pause', 'pay', '--reason', 'later', '--agent', 'Ada')).toMatchObject({ stdout: 'pay\n' });
  const resumed = await run('resume', '--agent', 'Ada', '--json');
  expect(JSON.parse(resumed.stdout)).toMatchObject({
    project: null,
    stillPaused: [{ project: 'pay', reason: 'later' }],
  });
  const first = await Promise.race([claiming.done, working.done]);
  expect(first).toMatchObject({ code: 0, stdout: 'auth/TASK-2\n' });
  await run('resume', 'pay', '--agent', 'Ada');
  const both = await Promise.all([claiming.done, working.done]);
  expect(both.map(({ code, stdout }) => [code, stdout]).sort()).toEqual([
    [0, 'auth/TASK-2\n'],
    [0, 'pay/TASK-3\n'],
  ]);

  const log = JSON.parse((await run('log', '--json')).stdout) as {
    events: { event: string; project: string | null }[];
  };
  const told = log.events.filter(({ event }) => event.startsWith('queue.')).map((one) => [one.event, one.project]);
  expect(told).toEqual([
    ['queue.paused', null],
    ['queue.paused', null],
    ['queue.paused', 'pay'],
    ['queue.resumed', null],
    ['queue.resumed', 'pay'],
  ]);
  expect(await box.git(box.remote, 'ls-tree', '-r', '--name-only', 'develop')).not.toContain('pauses');
});

it('a pause holds on the branches of all projects, also for a clone that knows them from before', async () => {
  await using box = await branchScene({ clones: ['clone', 'other'] });
  const run = (...args: readonly string[]) => box.agentq('clone', ...args);
  expect(await box.agentq('other', 'claim', 'a0')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  expect(await run('pause', 'auth', '--reason', 'the schema moves', '--agent', 'Ada')).toMatchObject({ code: 0 });
  for (const clone of ['clone', 'other']) {
    const refused = await box.agentq(clone, 'claim', 'a1', 'auth');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('auth is paused by Ada since ');
  }
  expect(await box.agentq('other', 'claim', 'a1')).toMatchObject({ code: 0, stdout: 'pay/TASK-1\n' });
  expect(await run('pause', '--reason', 'the tree is red', '--agent', 'Ada')).toMatchObject({ code: 0 });
  expect((await run('status')).stdout).toContain('PAUSED: auth is paused by Ada');
  for (const project of ['', 'auth', 'web']) {
    const refused = await box.agentq('other', 'claim', 'a2', project);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('the tree is red');
  }
  expect(await run('resume', '--agent', 'Ada')).toMatchObject({ code: 0 });
  expect(await box.agentq('other', 'claim', 'a2')).toMatchObject({ code: 0, stdout: 'web/TASK-1\n' });
  expect(await run('resume', 'auth', '--agent', 'Ada')).toMatchObject({ code: 0 });
  expect(await box.agentq('other', 'claim', 'a3')).toMatchObject({ code: 0, stdout: 'auth/TASK-2\n' });
});

it('a command that is narrowed to one branch knows the pauses of that branch', async () => {
  await using box = await branchScene({ clones: ['clone'] });
  const pause = ['pause', '--branch', 'develop-auth', '--reason', 'the tree is red', '--agent', 'Ada'];
  expect(await box.agentq('clone', ...pause)).toMatchObject({ code: 0 });
  expect(await box.agentq('clone', 'claim', 'a1', 'auth', 'develop-auth')).toMatchObject({ code: 1, stdout: '' });
  expect(await box.agentq('clone', 'claim', 'a2', 'web')).toMatchObject({ code: 0, stdout: 'web/TASK-1\n' });
});
