import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, NODE, type RunningAgentq, scrubbedEnvironment } from '../../kit/processes/run-agentq.ts';
import { laterThanRepetition, NOTE_PID, said, until, WorkSession, waitFor } from '../../kit/scene/work-session.ts';

describe('a process that may open few files', () => {
  it('works with as many agents as fit, and says so', async () => {
    const tasks = Array.from({ length: 12 }, (_, index) => ({ id: `T-${index}` }));
    await using session = await WorkSession.create(tasks);
    const { code, stdout, stderr } = await limited(session, 'ulimit -n 90', ['p', '--concurrency', '40'], 'true');
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(12);
    expect(stderr).toContain('may open 90 files, which is enough for 5 of 40 agents');
    const { tip, violations } = await session.audit();
    expect(violations).toEqual([]);
    expect(new Set(tip.values())).toEqual(new Set(['completed']));
  });

  it('is told what is lacking where not even one fits', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code, stderr } = await limited(session, 'ulimit -n 28', ['p', '--concurrency', '40'], 'true');
    expect(code, stderr).toBe(5);
    expect(stderr).toContain('ulimit -n');
    expect(stderr).not.toContain('internal error');
  });
});

describe('a remote that takes what it is sent and never answers', () => {
  it.each([
    ['completion', 0],
    ['release', 1],
  ])('does not keep a worker from ending, whose %s it does not answer', async (_, exit) => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const hang = session.box.path('meet', 'hang');
    await session.box.hook(
      'remote.git',
      'pre-receive',
      `[ -e '${hang}' ] || exit 0\ntouch '${hang}ing'\nexec sleep 600`,
    );
    const running = session.work(['a1', '--grace', '1s'], `${NOTE_PID} ${waitFor('go')} exit ${exit}`);
    await until(async () => (await session.pids()).length === 1);
    await writeFile(hang, '');
    await session.meet('go');
    await session.met('hanging');
    const told = said(running, 'told to end');
    running.child.kill('SIGTERM');
    await told;
    await laterThanRepetition();
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.done;
    expect(code, stderr).toBe(143);
    expect(stderr).toContain('still held: `agentq release shop/T-1 a1`');
  });
});

/** Runs `agentq work` in a shell after a command that limits what the shell may do. */
async function limited(session: WorkSession, limit: string, args: readonly string[], command: string) {
  const env = { ...scrubbedEnvironment(), ...session.box.env };
  const line = ['-c', `${limit} && exec "$@"`, 'sh', NODE, AGENTQ_BIN, 'work', ...args, '--', command];
  const child = spawn('sh', line, { cwd: session.clone, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const code = await new Promise<Awaited<RunningAgentq['done']>['code']>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}
