import { expect, it } from 'vitest';
import { plainTask, runOldAgent } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const READY = '.agents/auth/tasks';

it('a task with a question waits for its answer, from another machine, and has both for whoever comes next', async () => {
  const files = { [`${READY}/TASK-1.toon`]: plainTask('TASK-1') };
  await using box = await scene({ files, clones: ['clone', 'person', 'old'] });
  expect((await box.agentq('clone', 'claim', 'a1')).code).toBe(0);
  expect((await box.agentq('clone', 'ask', 'TASK-1', 'a2', 'which database?')).code).toBe(3);
  expect((await box.agentq('clone', 'ask', 'TASK-1', 'a1', ' ')).code).toBe(64);
  const asked = await box.agentq('clone', 'ask', 'TASK-1', 'a1', 'which database?\nstatus: ready?');
  expect({ code: asked.code, stdout: asked.stdout }).toEqual({ code: 0, stdout: 'auth/TASK-1\n' });

  // Nobody is offered it: no agent, no script of old, and not the one that asked.
  expect((await box.agentq('clone', 'claim', 'a1')).code).toBe(1);
  expect((await runOldAgent(box, 'old', 'claim', 'old-1')).exitCode).toBe(1);
  expect((await box.agentq('clone', 'complete', 'TASK-1', 'a1')).code).toBe(3);
  expect((await box.agentq('clone', 'unblock', '--task', 'TASK-1')).code).toBe(5);
  const status = await box.agentq('person', 'status', '--json');
  expect(JSON.parse(status.stdout).all).toMatchObject({ asking: 1, ready: 0, blocked: 0 });
  const text = await box.agentq('person', 'status');
  expect(text.stdout).toMatch(/ASKING/);
  expect(text.stderr).toContain('1 task is waiting for an answer');

  const answered = await box.agentq('person', 'answer', 'TASK-1', 'the new one', '--agent', 'Ada Lovelace', '--json');
  expect(JSON.parse(answered.stdout)).toMatchObject({ task: 'TASK-1', state: 'ready', answer: 'the new one' });
  const again = await box.agentq('person', 'answer', 'TASK-1', 'no, the old one', '--agent', 'Ada Lovelace');
  expect(again.code).toBe(5);
  expect(again.stderr).toContain('agentq note auth/TASK-1');
  const questions = [
    { agent: 'a1', text: 'which database? status: ready?', answer: { agent: 'Ada Lovelace', text: 'the new one' } },
  ];
  const claimed = await box.agentq('clone', 'claim', 'a3', '--json');
  expect(JSON.parse(claimed.stdout)).toMatchObject({ task: 'TASK-1', questions });
  expect((await box.agentq('clone', 'release', 'TASK-1', 'a3')).code).toBe(0);
  expect((await box.git(box.remote, 'show', `develop:${READY}/TASK-1.toon`)).startsWith(plainTask('TASK-1'))).toBe(
    true,
  );
  expect((await runOldAgent(box, 'old', 'claim', 'old-1')).stdout.trim()).toBe('auth/TASK-1');
  expect(await box.git(box.remote, 'log', '--format=%an %s', 'develop', '-4', '--skip=1')).toBe(
    [
      'a3 [AGENT-RELEASE] a3 released TASK-1 from auth',
      'a3 [AGENT-CLAIM] a3 claimed TASK-1 from auth',
      'Ada Lovelace [AGENT-ANSWER] Ada Lovelace answered auth/TASK-1',
      'a1 [AGENT-ASK] a1 asked about auth/TASK-1',
    ].join('\n'),
  );
});
