import { expect, it } from 'vitest';
import { isAlive, NOTE_PID, until, WorkSession, waitFor } from '../../kit/scene/work-session.ts';

/** Says when it is asked to end, and does. */
const OBEDIENT = `${NOTE_PID} trap 'echo asked > "$MEET/asked"; exit 0' TERM; ${waitFor('go')}`;

it('a claim that was stolen stops the command, and nothing of it is completed', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  // On a machine of its own: the others must not wait for it when it sleeps.
  const running = session.work(['a1', '--once', '--heartbeat', '200ms', '--combine', 'remote'], OBEDIENT);
  await until(async () => (await session.pids()).length === 1);
  running.child.kill('SIGSTOP');
  await session.backdate();
  expect((await session.agentq('release-stalled')).stdout).toBe('shop/T-1\n');
  expect((await session.agentq('claim', 'thief')).stdout).toBe('shop/T-1\n');
  running.child.kill('SIGCONT');

  const { code, stdout, stderr } = await running.done;
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain('lost shop/T-1, its work was not completed: shop/T-1 is claimed by thief, not by a1');
  expect(await session.met('asked')).toBe('asked\n');
  for (const pid of await session.pids()) expect(await isAlive(pid)).toBe(false);
  const { moves, tip, violations } = await session.audit();
  expect(violations).toEqual([]);
  expect(tip.get('shop/T-1')).toBe('claimed');
  expect(moves.at(-1)?.owner).toBe('thief');
});

it('a command that does not obey is killed', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const running = session.work(
    ['a1', '--once', '--heartbeat', '200ms', '--grace', '200ms'],
    `${NOTE_PID} trap "" TERM; ${waitFor('never')}`,
  );
  await until(async () => (await session.pids()).length === 1);
  expect((await session.agentq('release', 'T-1', 'a1')).code).toBe(0);
  const { code } = await running.done;
  expect(code).toBe(3);
  for (const pid of await session.pids()) expect(await isAlive(pid)).toBe(false);
  expect((await session.audit()).tip.get('shop/T-1')).toBe('ready');
});

it('one that completes its own task is left to finish', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const running = session.work(['a1', '--heartbeat', '200ms', '--json'], OBEDIENT);
  await until(async () => (await session.pids()).length === 1);
  expect((await session.agentq('complete', 'T-1', 'a1')).code).toBe(0);
  const commits = (await session.subjects()).length;
  await session.meet('go');
  const { code, stdout } = await running.done;
  expect(code).toBe(0);
  expect(JSON.parse(stdout).tasks).toMatchObject([{ outcome: 'completed' }]);
  expect(await session.subjects()).toHaveLength(commits);
});

it('a task that was taken over while nobody looked is not completed either', async () => {
  await using session = await WorkSession.create([{ id: 'T-1' }]);
  const running = session.work(['a1', '--once'], OBEDIENT);
  await until(async () => (await session.pids()).length === 1);
  expect((await session.agentq('release', 'T-1', 'a1')).code).toBe(0);
  // The same agent, by another claim: fencing goes by the claim, not by the name.
  expect((await session.agentq('claim', 'a1')).code).toBe(0);
  await session.meet('go');
  const { code, stdout } = await running.done;
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect((await session.audit()).tip.get('shop/T-1')).toBe('claimed');
});
