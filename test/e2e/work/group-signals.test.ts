import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, NODE, type RunningAgentq, scrubbedEnvironment } from '../../kit/processes/run-agentq.ts';
import { holdPush } from '../../kit/remotes/gate.ts';
import { isAlive, NOTE_PID, said, until, WorkSession, waitFor } from '../../kit/scene/work-session.ts';

/** Ctrl-C, `timeout` and a terminal that is closed reach every process of the group, not agentq alone. */

const TASKS = [{ id: 'T-1' }, { id: 'T-2' }];

function signalGroup({ child }: RunningAgentq, signal: NodeJS.Signals): void {
  process.kill(-(child.pid ?? 0), signal);
}

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s to the whole group', (signal, exit) => {
  it('ends none of the processes that finished work is said with', async () => {
    await using session = await WorkSession.create(TASKS);
    const running = session.work(['a1', '--grace', '10m'], `${NOTE_PID} ${waitFor('go')}`, { group: 'own' });
    await until(async () => (await session.pids()).length === 1);
    const told = said(running, 'told to end: 1 command runs');
    signalGroup(running, signal);
    await told;
    await session.meet('go');
    const { code, stdout, stderr } = await running.done;
    expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: 'shop/T-1\n' });
    expect(stderr).not.toContain('again in');
    const { tip, violations } = await session.audit();
    expect(violations).toEqual([]);
    expect([...tip.values()].sort()).toEqual(['completed', 'ready']);
  });

  it('does not end a completion that is being pushed', async () => {
    await using session = await WorkSession.create(TASKS);
    const running = session.work(['a1', '--grace', '10m'], `${NOTE_PID} ${waitFor('go')}`, { group: 'own' });
    await until(async () => (await session.pids()).length === 1);
    const gate = await holdPush(session.box, 'remote.git', 'completion');
    await session.meet('go');
    await gate.reached();
    const told = said(running, 'told to end');
    signalGroup(running, signal);
    await told;
    await gate.open();
    const { code, stdout, stderr } = await running.done;
    expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: 'shop/T-1\n' });
    const subjects = await session.subjects();
    expect(subjects.filter((subject) => subject.includes('COMPLETE'))).toHaveLength(1);
  });
});

describe('a supervisor that sends its signal to the process and to the group', () => {
  it('has asked once', async () => {
    await using session = await WorkSession.create(TASKS);
    const running = session.work(['a1', '--grace', '10m'], `${NOTE_PID} ${waitFor('go')}`, { group: 'own' });
    await until(async () => (await session.pids()).length === 1);
    const told = said(running, 'told to end');
    running.child.kill('SIGTERM');
    signalGroup(running, 'SIGTERM');
    await told;
    await session.meet('go');
    const { code, stdout } = await running.done;
    expect({ code, stdout }).toEqual({ code: 143, stdout: 'shop/T-1\n' });
  });
});

describe('timeout(1), which passes the signal on to the process and to the group', () => {
  it('has asked once', async () => {
    await using session = await WorkSession.create(TASKS);
    const command = ['600', NODE, AGENTQ_BIN, 'work', 'a1', '--grace', '10m', '--', 'sh', '-c'];
    const env = { ...scrubbedEnvironment(), ...session.box.env, MEET: session.box.path('meet') };
    const script = `${NOTE_PID} setsid sh -c '${NOTE_PID} exec sleep 600' & ${waitFor('go')}`;
    const child = spawn('timeout', [...command, script], {
      cwd: session.clone,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
    const ended = once(child, 'close');
    await until(async () => (await session.pids()).length === 2);
    child.kill('SIGTERM');
    await until(() => stderr.includes('told to end: 1 command runs'));
    await session.meet('go');
    // It says 124 for its own limit only.
    expect(await ended, stderr).toEqual([143, null]);
    expect([...(await session.audit()).tip.values()].sort()).toEqual(['completed', 'ready']);
    for (const pid of await session.pids()) expect(await isAlive(pid)).toBe(false);
  });
});

describe('nohup', () => {
  it('is honoured: a closed terminal ends nothing', async () => {
    await using session = await WorkSession.create(TASKS);
    const env = { ...session.box.env, MEET: session.box.path('meet'), _: '/usr/bin/nohup' };
    const running = session.work(['a1', '--max-tasks', '1'], `${NOTE_PID} ${waitFor('go')}`, { env });
    await until(async () => (await session.pids()).length === 1);
    running.child.kill('SIGHUP');
    running.child.kill('SIGCONT');
    await session.meet('go');
    const { code, stdout } = await running.done;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
  });

  it('is honoured of a script that runs agentq', async () => {
    await using session = await WorkSession.create(TASKS);
    const script = `trap "" HUP; "$NODE" "$AGENTQ" work a1 --max-tasks 1 -- sh -c '${NOTE_PID} echo $PPID > "$MEET/agentq"; ${waitFor('go')}'; echo $? > "$MEET/code"`;
    const env = {
      ...scrubbedEnvironment(),
      ...session.box.env,
      MEET: session.box.path('meet'),
      NODE: NODE,
      AGENTQ: AGENTQ_BIN,
    };
    const shell = spawn('sh', ['-c', script], { cwd: session.clone, env, stdio: 'ignore', detached: true });
    const pid = Number(await session.met('agentq'));
    process.kill(pid, 'SIGHUP');
    await session.meet('go');
    await new Promise((resolve) => shell.once('close', resolve));
    expect(await session.met('code')).toBe('0\n');
  });
});
