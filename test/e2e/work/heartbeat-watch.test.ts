import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { startAgentq } from '../../kit/processes/run-agentq.ts';
import { isAlive, kill, until, WorkSession } from '../../kit/scene/work-session.ts';

async function watched(session: WorkSession, ...args: readonly string[]) {
  expect((await session.agentq('claim', 'a1')).stdout).toBe('shop/T-1\n');
  const worker = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const pid = worker.pid ?? 0;
  const options = { cwd: session.clone, env: session.box.env };
  const beats = startAgentq(
    ['heartbeat', 'T-1', 'a1', '--watch', '--every', '200ms', '--pid', String(pid), ...args],
    options,
  );
  return { pid, ...beats };
}

it('heartbeat --watch renews the claim until the process ends', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const { pid, done } = await watched(session, '--json');
  const heartbeats = async () => (await session.subjects()).filter((subject) => subject.includes('HEARTBEAT')).length;
  await until(async () => (await heartbeats()) > 1);
  kill(pid, 'SIGTERM');
  const { code, stdout } = await done;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ task: 'T-1', agent: 'a1', beats: expect.any(Number) });
  expect((await session.audit()).tip.get('shop/T-1')).toBe('claimed');
});

it('heartbeat --watch tells what others change of the task, once, and in its answer', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const { pid, child, done } = await watched(session, '--json');
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(async () => (await session.subjects()).some((subject) => subject.includes('HEARTBEAT')));
  expect((await session.agentq('edit', 'T-1', '--title', 'Another title', '--agent', 'boss')).code).toBe(0);
  await until(async () => said.includes('has changed'));
  const beats = async () => (await session.subjects()).filter((subject) => subject.includes('HEARTBEAT')).length;
  const before = await beats();
  await until(async () => (await beats()) > before + 1);
  kill(pid, 'SIGTERM');
  const { code, stdout, stderr } = await done;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ task: 'T-1', changed: ['title'] });
  expect(stderr.match(/shop\/T-1 has changed: title/g)).toHaveLength(1);
  // It has been told: the next heartbeat says nothing about it.
  const next = await session.agentq('heartbeat', 'T-1', 'a1', '--json');
  expect(JSON.parse(next.stdout)).toMatchObject({ changed: [] });
});

it('heartbeat --watch stops the process when the claim is lost', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const { pid, done } = await watched(session);
  // Where the claim is gone before the first beat, it is refused, and the process is left alone: the names may be
  // wrong.
  await until(async () => (await session.subjects()).some((subject) => subject.includes('HEARTBEAT')));
  expect((await session.agentq('release', 'T-1', 'a1')).code).toBe(0);
  const { code, stdout, stderr } = await done;
  expect({ code, stdout, stderr }).toEqual({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining(`stops process ${pid}`),
  });
  expect(await isAlive(pid)).toBe(false);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('heartbeat --watch ends on %s, signs out, and leaves the process alone', async (signal, exit) => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const { pid, child, done } = await watched(session);
  await until(async () => (await session.subjects()).some((subject) => subject.includes('HEARTBEAT')));
  const signIns = async () =>
    Object.keys(await session.box.refs('remote.git')).filter((ref) => /^refs\/agentq\/agents\/[^_]/.test(ref));
  await until(async () => (await signIns()).length === 1);
  child.kill(signal);
  expect((await done).code).toBe(exit);
  expect(await signIns()).toEqual([]);
  expect(await isAlive(pid)).toBe(true);
  kill(pid, 'SIGKILL');
});
