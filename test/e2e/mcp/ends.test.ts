import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { McpSession } from '../../kit/scene/mcp-session.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { isAlive, kill, until } from '../../kit/scene/work-session.ts';

const MORTAL = fileURLToPath(new URL('../../kit/processes/mcp-client.mjs', import.meta.url));

async function subjects(box: Scene): Promise<readonly string[]> {
  return (await box.git(box.remote, 'log', '--format=%s', 'develop')).split('\n');
}

async function signIns(box: Scene): Promise<readonly string[]> {
  return Object.keys(await box.refs(box.remote)).filter((ref) => /^refs\/agentq\/agents\/[^_]/.test(ref));
}

it('gives the task back when the client is killed, and nothing of the session is left', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const client = spawn(NODE, [MORTAL, NODE, AGENTQ_BIN, 'mcp', '--agent', 'a1'], {
    cwd: box.path('clone'),
    env: { ...process.env, ...box.env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  for await (const chunk of client.stdout) {
    said += String(chunk);
    if (said.includes('\n')) break;
  }
  const { pid, task } = JSON.parse(said);
  expect(task).toBe('TASK-1');
  client.kill('SIGKILL');
  await until(async () => !(await isAlive(pid)));
  expect((await subjects(box))[0]).toBe('[AGENT-RELEASE] a1 released TASK-1 from auth');
  expect(await signIns(box)).toEqual([]);
});

it('leaves the task where it was killed itself, and takes it up in the next session of the agent', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone'] });
  const first = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  expect((await first.call('claim')).data.task).toBe('TASK-1');
  kill(first.pid, 'SIGKILL');
  const second = await McpSession.start(box, 'clone', ['--agent', 'a1', '--on-exit', 'keep']);
  const status = await second.call('status');
  expect(status.data).toMatchObject({ held: [{ task: 'TASK-1' }], notices: [expect.stringContaining('auth/TASK-1')] });
  await second.close();
  expect(second.stderr).toContain('a1 keeps auth/TASK-1');
  // Another session under the same id leaves it alone while a third one works with it.
  const third = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  expect((await third.call('show')).data).toMatchObject({ task: 'TASK-1', state: 'claimed' });
  const fourth = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  expect((await fourth.call('status')).data).toMatchObject({ held: [] });
  await fourth.close();
  expect((await third.call('complete')).data).toMatchObject({ task: 'TASK-1' });
});

it.each(['SIGTERM', 'SIGHUP'] as const)('gives the task back on %s', async (signal) => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const session = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  await session.call('claim');
  const { pid } = session;
  kill(pid, signal);
  await until(async () => !(await isAlive(pid)));
  expect((await subjects(box))[0]).toBe('[AGENT-RELEASE] a1 released TASK-1 from auth');
});

it('refuses an agent id that is at work on another machine, before it serves', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone', 'other'] });
  const first = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  await first.call('claim');
  await until(async () => (await signIns(box)).length === 1);
  const refused = await box.start('other', ['mcp', '--agent', 'a1'], { env: { AGENTQ_MACHINE: 'other' } }).done;
  expect(refused).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining('a1 is at work on another') });
});

it('cancels a claim with its request: one that waits, and one that was answered already', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const session = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  const cancelling = new AbortController();
  const progress: (string | undefined)[] = [];
  const waiting = session.call(
    'claim',
    { wait: '1h', type: 'docs' },
    { signal: cancelling.signal, onprogress: ({ message }) => progress.push(message) },
  );
  const gone = expect(waiting).rejects.toThrow('enough');
  await until(() => progress.some((message) => message?.includes('waiting for 1h at most')));
  cancelling.abort(new Error('enough'));
  await gone;
  // The waiting is over: the task that it waited for is nobody's.
  await box.agentq('clone', 'add', '--project', 'auth', '--title', 'late', '--type', 'docs');
  expect((await session.call('status')).data).toMatchObject({ held: [], all: { ready: 2 } });

  expect((await session.call('claim', { task: 'TASK-1' })).data).toMatchObject({ task: 'TASK-1' });
  // A client may take back what was answered while its cancellation was on the way.
  for (const requestId of [3, 4, 5, 6]) {
    await session.client.notification({ method: 'notifications/cancelled', params: { requestId } });
  }
  await until(async () => (await subjects(box))[0] === '[AGENT-RELEASE] a1 released TASK-1 from auth');
  expect((await session.call('status')).data).toMatchObject({ held: [] });
});

it('tells of a lost claim at once, and with the next answer', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone'] });
  const session = await McpSession.start(box, 'clone', ['--agent', 'a1']);
  await session.call('claim');
  expect((await box.agentq('clone', 'release', 'TASK-1', 'a1')).code).toBe(0);
  expect((await box.agentq('clone', 'claim', 'a2', '--task', 'TASK-1')).code).toBe(0);
  await until(() => session.told.length > 0);
  expect(session.told[0]).toMatchObject({ level: 'warning', data: { kind: 'lost', task: 'auth/TASK-1' } });
  const late = await session.call('complete', { task: 'TASK-1' });
  expect(late).toMatchObject({ isError: true, data: { error: { exitCode: 3 } } });
  expect(late.data.notices).toEqual([expect.stringMatching(/the claim on auth\/TASK-1 is lost.*Stop working on it/)]);
  // It is said once, and the session goes on.
  expect((await session.call('claim')).data).toMatchObject({ task: 'TASK-2' });
  expect((await session.call('show', { task: 'TASK-1' })).data).toMatchObject({ claim: { agent: 'a2' } });
});

it('leaves the task of a worker to the worker that has started the agent', async () => {
  await using box = await scene({ tasks: 2, clones: ['clone'] });
  const { claimId } = JSON.parse((await box.agentq('clone', 'claim', 'w1', '--task', 'TASK-2', '--json')).stdout);
  const worker = { AGENTQ_AGENT: 'w1', AGENTQ_PROJECT: 'auth', AGENTQ_TASK_ID: 'TASK-2', AGENTQ_CLAIM_ID: claimId };
  const session = await McpSession.start(box, 'clone', [], worker);
  expect((await session.call('show')).data).toMatchObject({ task: 'TASK-2', claim: { agent: 'w1' } });
  expect((await session.call('claim')).data).toMatchObject({
    error: { code: 'usage', message: expect.stringContaining('w1 works on auth/TASK-2 here') },
  });
  expect((await session.call('status')).data).toMatchObject({ agent: 'w1', held: [] });
  await session.close();
  expect((await subjects(box))[0]).toBe('[AGENT-CLAIM] w1 claimed TASK-2 from auth');
});
