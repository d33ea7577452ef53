import { readdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type RunningAgentq, runAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { HttpGitServer } from '../../kit/remotes/http-git-server.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { startForTest, testSandbox } from '../../kit/scene/test-sandbox.ts';

const TASKS = '.agents/auth/tasks';
const task = (id: string, lines = ''): string => `task:\n id: ${id}\n title: Title of ${id}\n status: ready\n${lines}`;
const EMPTY = { '.agents/auth/completed/.gitkeep': '' };

describe('claim --wait', () => {
  let sandbox: GitSandbox;
  let remote: string;
  let clone: string;
  beforeEach(async () => {
    sandbox = await testSandbox();
    remote = await sandbox.bareRemote(EMPTY);
    clone = await sandbox.clone(remote, 'clone');
  });

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningAgentq {
    return startForTest(args, { cwd: sandbox.path(clone), env: { ...sandbox.env, ...env } });
  }
  const add = (...ids: readonly string[]): Promise<string> =>
    sandbox.commitTo(
      remote,
      'refs/heads/develop',
      Object.fromEntries(ids.map((id) => [`${TASKS}/${id}.toon`, task(id)])),
      'More to do',
    );

  it('claims at once what is there', async () => {
    await add('T-1');
    const run = await runAgentq(['claim', 'a1', '--wait'], { cwd: sandbox.path(clone), env: sandbox.env });
    expect(run).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
    expect(run.stderr).not.toContain('waiting');
  });

  it('wakes when a task is added, and does not take the agent for a duration', async () => {
    const waiting = start(['claim', '--wait', 'a1']);
    await said(waiting, 'stderr', /nothing to claim.*; waiting\n/);
    await add('T-1');
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });

  it('sleeps on where what happened is not for it', async () => {
    const waiting = start(['claim', 'a1', '--wait', '1h', '--type', 'backend', '-v']);
    await said(waiting, 'stderr', /waiting for 1h at most/);
    const woken = said(waiting, 'stderr', /does not match the filter; still waiting/);
    await add('T-1');
    await woken;
    await sandbox.commitTo(remote, 'refs/heads/develop', { [`${TASKS}/T-2.toon`]: task('T-2', ' type: backend\n') });
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-2\n' });
  });

  it('wakes when a dependency is completed by an older script', async () => {
    await sandbox.commitTo(remote, 'refs/heads/develop', {
      '.agents/auth/claimed/T-1.toon': task('T-1'),
      [`${TASKS}/T-2.toon`]: task('T-2', 'dependencies:\n required[1]:\n  T-1\n'),
    });
    const waiting = start(['claim', 'a1', '--wait']);
    await said(waiting, 'stderr', /1 waits for dependencies/);
    await sandbox.commitTo(remote, 'refs/heads/develop', {
      '.agents/auth/claimed/T-1.toon': null,
      '.agents/auth/completed/T-1.toon': task('T-1'),
    });
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-2\n' });
  });

  it('gives up when its time is over, with the reason and exit code 1', async () => {
    const run = await start(['claim', 'a1', '--wait', '300ms', '--json']).done;
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'nothing-claimable' } });
    expect(run.stderr).toContain('nothing to claim: there are no tasks');
  });

  it('is told to wait by the environment', async () => {
    const waiting = start(['claim', 'a1'], { AGENTQ_WAIT: '1' });
    await said(waiting, 'stderr', /; waiting\n/);
    await add('T-1');
    expect(await waiting.done).toMatchObject({ code: 0 });
    const off = await start(['claim', 'a2'], { AGENTQ_WAIT: '0' }).done;
    expect(off.code).toBe(1);
    expect((await start(['claim', 'a2'], { AGENTQ_WAIT: '10' }).done).code).toBe(64);
    expect((await start(['claim', 'a2', '--wait', '--dry-run']).done).code).toBe(64);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with %i, and nothing is left behind', async (signal, code) => {
    const waiting = start(['claim', 'a1', '--wait']);
    await said(waiting, 'stderr', /; waiting\n/);
    waiting.child.kill(signal);
    expect(await waiting.done).toMatchObject({ code, stdout: '' });
    const sockets = (await readdir(sandbox.root, { recursive: true })).filter((name) => name.endsWith('.sock'));
    expect(sockets).toEqual([]);
    await add('T-1');
    expect(await start(['claim', 'a2']).done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });

  it('goes on when whoever looks for all is killed', async () => {
    const first = start(['claim', 'a1', '--wait', '-v']);
    await said(first, 'stderr', /; waiting/);
    const others = ['a2', 'a3', 'a4'].map((agent) => start(['claim', agent, '--wait']));
    await Promise.all(others.map((other) => said(other, 'stderr', /; waiting/)));
    first.child.kill('SIGKILL');
    await first.done;
    await add('T-1', 'T-2', 'T-3');
    const runs = await Promise.all(others.map(({ done }) => done));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.map(({ stdout }) => stdout).sort()).toEqual(['auth/T-1\n', 'auth/T-2\n', 'auth/T-3\n']);
  });

  it('lets twenty wait for the price of one, and claim in one push', async () => {
    const agents = Array.from({ length: 20 }, (_, index) => `a${index + 1}`);
    const waiting = agents.map((agent) => start(['claim', agent, '--wait', '-v']));
    await Promise.all(waiting.map((one) => said(one, 'stderr', /; waiting/)));
    // From here on only what happens after all of them wait is counted.
    const counted = waiting.map((one) => {
      const count = { looks: 0, pushes: 0 };
      one.child.stderr?.on('data', (chunk: Buffer) => {
        count.looks += chunk.toString().split('git ls-remote').length - 1;
        count.pushes += chunk.toString().split('git push').length - 1;
      });
      return count;
    });
    await add(...agents.map((_, index) => `T-${index + 1}`));
    const runs = await Promise.all(waiting.map(({ done }) => done));
    expect(runs.map(({ code }) => code)).toEqual(agents.map(() => 0));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(20);
    // One look sees the move; the claims share a few transactions, with a look each. Twenty that wait for themselves take
    // 20 looks to see it, 20 more to claim, and 20 pushes.
    expect(counted.reduce((sum, { looks }) => sum + looks, 0)).toBeLessThan(30);
    expect(counted.reduce((sum, { pushes }) => sum + pushes, 0)).toBeLessThan(12);
    expect((await auditQueue(sandbox.path(remote))).violations).toEqual([]);
  });

  it('waits for a remote that is away, and claims when it is back', async () => {
    await using server = await HttpGitServer.start(sandbox.root, sandbox.env);
    await sandbox.git(clone, 'remote', 'set-url', 'origin', server.url(remote));
    const waiting = start(['claim', 'a1', '--wait', '-v']);
    // Its second try is over: from now on only looks are made.
    await said(waiting, 'stderr', /no tasks; still waiting/);
    const missed = said(waiting, 'stderr', /cannot be reached.*; still waiting/);
    server.fault = () => ({ kind: 'reset' });
    await missed;
    await add('T-1');
    server.fault = () => undefined;
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });

  it('does not wait for a remote that was never there', async () => {
    await sandbox.git(clone, 'remote', 'set-url', 'origin', 'http://127.0.0.1:9/none.git');
    expect(await start(['claim', 'a1', '--wait', '--max-retries', '0']).done).toMatchObject({ code: 4 });
  });
});
