import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const TASKS = '.agents/auth/tasks';
const task = (id: string, lines = ''): string => `task:\n id: ${id}\n title: Title of ${id}\n status: ready\n${lines}`;
const EMPTY = { files: { '.agents/auth/completed/.gitkeep': '' }, clones: ['clone'] };

describe('claim --wait', () => {
  function start(box: Scene, args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningAgentq {
    return box.start('clone', args, { env });
  }
  const add = (box: Scene, ...ids: readonly string[]): Promise<string> =>
    box.commitTo(
      box.remote,
      'refs/heads/develop',
      Object.fromEntries(ids.map((id) => [`${TASKS}/${id}.toon`, task(id)])),
      'More to do',
    );

  it('claims at once what is there', async () => {
    await using box = await scene(EMPTY);
    await add(box, 'T-1');
    const run = await box.agentq('clone', 'claim', 'a1', '--wait');
    expect(run).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
    expect(run.stderr).not.toContain('waiting');
  });

  it('wakes when a task is added, and does not take the agent for a duration', async () => {
    await using box = await scene(EMPTY);
    const waiting = start(box, ['claim', '--wait', 'a1']);
    await said(waiting, 'stderr', /nothing to claim.*; waiting\n/);
    await add(box, 'T-1');
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });

  it('sleeps on where what happened is not for it', async () => {
    await using box = await scene(EMPTY);
    const waiting = start(box, ['claim', 'a1', '--wait', '1h', '--type', 'backend', '-v']);
    await said(waiting, 'stderr', /waiting for 1h at most/);
    const woken = said(waiting, 'stderr', /does not match the filter; still waiting/);
    await add(box, 'T-1');
    await woken;
    await box.commitTo(box.remote, 'refs/heads/develop', { [`${TASKS}/T-2.toon`]: task('T-2', ' type: backend\n') });
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-2\n' });
  });

  it('wakes when a dependency is completed by an older script', async () => {
    await using box = await scene(EMPTY);
    await box.commitTo(box.remote, 'refs/heads/develop', {
      '.agents/auth/claimed/T-1.toon': task('T-1', `claim:\n last_heartbeat: ${new Date().toISOString()}\n`),
      [`${TASKS}/T-2.toon`]: task('T-2', 'dependencies:\n required[1]:\n  T-1\n'),
    });
    const waiting = start(box, ['claim', 'a1', '--wait']);
    await said(waiting, 'stderr', /1 waits for dependencies/);
    await box.commitTo(box.remote, 'refs/heads/develop', {
      '.agents/auth/claimed/T-1.toon': null,
      '.agents/auth/completed/T-1.toon': task('T-1'),
    });
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-2\n' });
  });

  it('gives up when its time is over, with the reason and exit code 1', async () => {
    await using box = await scene(EMPTY);
    const run = await start(box, ['claim', 'a1', '--wait', '300ms', '--json']).done;
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'nothing-claimable' } });
    expect(run.stderr).toContain('nothing to claim: there are no tasks');
  });

  it('is told to wait by the environment', async () => {
    await using box = await scene(EMPTY);
    const waiting = start(box, ['claim', 'a1'], { AGENTQ_WAIT: '1' });
    await said(waiting, 'stderr', /; waiting\n/);
    await add(box, 'T-1');
    expect(await waiting.done).toMatchObject({ code: 0 });
    const off = await start(box, ['claim', 'a2'], { AGENTQ_WAIT: '0' }).done;
    expect(off.code).toBe(1);
    expect((await start(box, ['claim', 'a2'], { AGENTQ_WAIT: '10' }).done).code).toBe(64);
    expect((await start(box, ['claim', 'a2', '--wait', '--dry-run']).done).code).toBe(64);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with %i, and nothing is left behind', async (signal, code) => {
    await using box = await scene(EMPTY);
    const waiting = start(box, ['claim', 'a1', '--wait']);
    await said(waiting, 'stderr', /; waiting\n/);
    waiting.child.kill(signal);
    expect(await waiting.done).toMatchObject({ code, stdout: '' });
    const sockets = (await readdir(box.root, { recursive: true })).filter((name) => name.endsWith('.sock'));
    expect(sockets).toEqual([]);
    await add(box, 'T-1');
    expect(await start(box, ['claim', 'a2']).done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });

  it('goes on when whoever looks for all is killed', async () => {
    await using box = await scene(EMPTY);
    const first = start(box, ['claim', 'a1', '--wait', '-v']);
    await said(first, 'stderr', /; waiting/);
    const others = ['a2', 'a3', 'a4'].map((agent) => start(box, ['claim', agent, '--wait']));
    await Promise.all(others.map((other) => said(other, 'stderr', /; waiting/)));
    first.child.kill('SIGKILL');
    await first.done;
    await add(box, 'T-1', 'T-2', 'T-3');
    const runs = await Promise.all(others.map(({ done }) => done));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.map(({ stdout }) => stdout).sort()).toEqual(['auth/T-1\n', 'auth/T-2\n', 'auth/T-3\n']);
  });

  it('lets twenty wait for the price of one, and claim in one push', async () => {
    await using box = await scene(EMPTY);
    const agents = Array.from({ length: 20 }, (_, index) => `a${index + 1}`);
    const waiting = agents.map((agent) => start(box, ['claim', agent, '--wait', '-v']));
    await Promise.all(waiting.map((one) => said(one, 'stderr', /; waiting/)));
    // From here on only what happens after all of them wait is counted.
    const counted = waiting.map((one) => {
      const count = { looks: 0, pushes: 0 };
      one.child.stderr?.on('data', (chunk: Buffer) => {
        // One process looks, and pushes, too.
        count.looks += chunk.toString().split(/git (?:ls-remote|upload-pack|receive-pack)/).length - 1;
        count.pushes += chunk.toString().split(/git (?:push|receive-pack)/).length - 1;
      });
      return count;
    });
    await add(box, ...agents.map((_, index) => `T-${index + 1}`));
    const runs = await Promise.all(waiting.map(({ done }) => done));
    expect(runs.map(({ code }) => code)).toEqual(agents.map(() => 0));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(20);
    // One look sees the move; the claims share a few transactions, with a look each. Twenty that wait for themselves take
    // 20 looks to see it, 20 more to claim, and 20 pushes.
    expect(counted.reduce((sum, { looks }) => sum + looks, 0)).toBeLessThan(30);
    expect(counted.reduce((sum, { pushes }) => sum + pushes, 0)).toBeLessThan(12);
    expect((await auditQueue(box.path(box.remote))).violations).toEqual([]);
  });

  it('waits for a remote that is away, and claims when it is back', async () => {
    await using box = await scene(EMPTY);
    const server = await box.http();
    await box.git('clone', 'remote', 'set-url', 'origin', server.url(box.remote));
    const waiting = start(box, ['claim', 'a1', '--wait', '-v']);
    // Its second try is over: from now on only looks are made.
    await said(waiting, 'stderr', /no tasks; still waiting/);
    const missed = said(waiting, 'stderr', /cannot be reached.*; still waiting/);
    server.fault = () => ({ kind: 'reset' });
    await missed;
    await add(box, 'T-1');
    server.fault = () => undefined;
    expect(await waiting.done).toMatchObject({ code: 0, stdout: 'auth/T-1\n' });
  });

  it('does not wait for a remote that was never there', async () => {
    await using box = await scene(EMPTY);
    await box.git('clone', 'remote', 'set-url', 'origin', 'http://127.0.0.1:9/none.git');
    expect(await start(box, ['claim', 'a1', '--wait', '--max-retries', '0']).done).toMatchObject({ code: 4 });
  });
});
