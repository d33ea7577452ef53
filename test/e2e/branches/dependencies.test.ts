import { expect, it } from 'vitest';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { openedQueue } from '../../kit/engine/machine.ts';
import { plainTask, runOldAgent } from '../../kit/processes/old-agents.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** `web` lives on develop, `pay` on a branch of its own, and a task of web requires one of pay. */
async function twoBranches(): Promise<Scene> {
  const waiting = plainTask('TASK-1', { required: ['pay/TASK-7'] }).replace('status: ready', 'status: blocked');
  const box = await scene({
    files: {
      '.agents-core/config/agentq.toon': 'agentq:\n  heartbeat: commit\n  branches:\n    pay: develop-pay\n',
      '.agents/web/tasks/TASK-1.toon': waiting,
      '.agents/pay/tasks/TASK-7.toon': plainTask('TASK-7'),
    },
  });
  await box.git(box.remote, 'branch', 'develop-pay', 'develop');
  // What is on develop is a copy: it says nothing about pay.
  for (const name of ['clone', 'other']) await box.clone(box.remote, name, '--single-branch');
  return box;
}

function claimOf(project: string, request: string): Intent {
  return { kind: 'claim', request, agent: 'a1', filter: { project }, attempt: 1, waitedMs: 0 };
}

/** Processes that ask the remote where branches are, whatever else they do. */
function looksIn(processes: readonly string[]): readonly string[] {
  return processes.filter((one) => /^(?:receive-pack|upload-pack|ls-remote|remote-http)/.test(one));
}

it('a task waits for one on another branch, and a claim opens it once that is complete there', async () => {
  await using box = await twoBranches();
  const processes: string[] = [];
  const onGitProcess = (args: readonly string[]) => processes.push(args.join(' '));
  await using here = await openedQueue(box, 'clone', { onGitProcess });
  await using there = await openedQueue(box, 'other', { branch: 'develop-pay' });
  const { queue } = here;
  await expect(queue.submit(claimOf('web', 'request-1'))).rejects.toThrow('most waited for: pay/TASK-7 (by 1)');
  // Neither kind of agent is offered it.
  await box.clone(box.remote, 'old');
  expect((await runOldAgent(box, 'old', 'claim', 'old-1', 'web')).exitCode).toBe(1);

  const add = (required: string, request: string) =>
    queue.submit({
      kind: 'add',
      request,
      agent: 'orchestrator',
      tasks: [{ title: 't', project: 'web', required: [required], criteria: [], blocks: [], labels: {}, rest: {} }],
    });
  await expect(add('pay/TASK-8', 'request-2')).rejects.toThrow('there is no such task in project pay');
  expect(await add('pay/TASK-7', 'request-3')).toMatchObject({ outcome: { tasks: [{ status: 'blocked' }] } });

  await there.queue.submit(claimOf('pay', 'request-4'));
  const task = { project: 'pay', id: 'TASK-7' };
  await there.queue.submit({ kind: 'complete', request: 'request-5', agent: 'a1', task });
  const tip = await box.git(box.remote, 'rev-parse', 'develop-pay');

  processes.length = 0;
  const claimed = await queue.submit(claimOf('web', 'request-6'));
  expect(claimed.outcome).toMatchObject({ kind: 'claimed', key: { project: 'web', id: 'TASK-1' } });
  // Beside the conversation that looks at the own branch and pushes there, one look at the other.
  expect(looksIn(processes)).toHaveLength(2);
  const log = await box.git(
    box.remote,
    'log',
    '-2',
    '--format=%s|%(trailers:key=Agentq-Relied-On,valueonly)',
    'develop',
  );
  expect(
    log
      .trim()
      .split('\n')
      .filter((line) => line !== ''),
  ).toEqual([`[AGENT-CLAIM] a1 claimed TASK-1 from web|develop-pay ${tip}`, '[ORCHESTRATOR] Unblocked 1 tasks|']);

  // The claim opened it for good: given back, it is ready, and otherwise as it was.
  await queue.submit({ kind: 'release', request: 'request-7', agent: 'a1', task: { project: 'web', id: 'TASK-1' } });
  const file = await box.git(box.remote, 'show', 'develop:.agents/web/tasks/TASK-1.toon');
  expect(`${file}\n`).toBe(plainTask('TASK-1', { required: ['pay/TASK-7'] }));
});

it('a queue whose tasks require nothing on other branches looks at none', async () => {
  await using box = await twoBranches();
  await box.git(box.remote, 'update-ref', 'refs/heads/develop-pay', 'develop');
  const processes: string[] = [];
  await using pay = await openedQueue(box, 'clone', {
    branch: 'develop-pay',
    onGitProcess: (args) => processes.push(args.join(' ')),
  });
  await pay.queue.submit(claimOf('pay', 'request-1'));
  expect(looksIn(processes)).toHaveLength(1);
});

it('claims from any branch, by anybody, mind what is complete on the others', async () => {
  await using box = await twoBranches();
  await box.git('other', 'fetch', '-q', 'origin', 'develop-pay');
  await box.git('other', 'checkout', '-q', '-b', 'develop-pay', 'FETCH_HEAD');
  await box.write('other', {
    '.agents/pay/tasks/TASK-8.toon': plainTask('TASK-8', { priority: 9, required: ['web/TASK-1'] }),
  });
  await box.git('other', 'add', '-A');
  await box.git('other', 'commit', '-qm', 'one more');
  await box.git('other', 'push', '-q', 'origin', 'develop-pay');
  const agentq = async (...args: readonly string[]) => {
    const { code, stdout } = await box.agentq('clone', ...args);
    return `${code} ${stdout.trim().split('\n').join(' ')}`;
  };
  expect(await agentq('claim', 'a1')).toBe('0 pay/TASK-7');
  expect(await agentq('claim', 'a2')).toBe('1 ');
  expect(await agentq('complete', 'TASK-7', 'a1', '', 'pay')).toBe('0 pay/TASK-7');
  const listed = JSON.parse((await box.agentq('clone', 'list', '--json')).stdout) as { tasks: { state: string }[] };
  expect(listed.tasks.map(({ state }) => state).sort()).toEqual(['ready', 'waiting']);
  expect(await agentq('claim', 'a2')).toBe('0 web/TASK-1');
  expect(await agentq('complete', 'TASK-1', 'a2', '', 'web')).toBe('0 web/TASK-1');
  expect(await agentq('claim', 'a3', 'pay')).toBe('0 pay/TASK-8');
  const trailers = await box.git(box.remote, 'log', '-1', '--format=%(trailers:key=Agentq-Relied-On)', 'develop-pay');
  expect(trailers).toContain(`Agentq-Relied-On: develop ${await box.git(box.remote, 'rev-parse', 'develop')}`);
});
