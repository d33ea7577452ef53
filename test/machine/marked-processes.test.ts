import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/command/system.ts';
import { MarkedProcesses } from '../../src/machine/marked-processes.ts';
import { type Scene, scene } from '../kit/scene/scene.ts';
import { until } from '../kit/scene/work-session.ts';

const MARK = 'AGENTQ_TEST_MARK';

/** A process that waits until the scene is over. Its environment shows once it runs its own program. */
async function start(box: Scene, env: Record<string, string>, argv0 = 'sleep'): Promise<ChildProcess> {
  const child = spawn('sleep', ['600'], { argv0, stdio: 'ignore', env: { PATH: process.env.PATH ?? '', ...env } });
  box.owns({ close: () => child.kill('SIGKILL') });
  await once(child, 'spawn');
  return child;
}

describe.runIf(process.platform === 'linux')('processes with a mark', () => {
  it('are those with just this value in just this variable, however long the rest is', async () => {
    await using box = await scene();
    const marked = new MarkedProcesses(MARK, systemClock);
    const long = 'x'.repeat(100_000);
    const [first, second] = [
      await start(box, { A: long, [MARK]: 'one' }),
      await start(box, { [MARK]: 'one', Z: long }),
    ];
    await start(box, { [MARK]: 'one-more' });
    await start(box, { [`${MARK}_2`]: 'one', [`MY_${MARK}`]: 'one', A: `${MARK}=one` });
    const pids = [first.pid, second.pid].sort();
    expect([...marked.now('one')].sort()).toEqual(pids);
    expect([...(await marked.soon('one'))].sort()).toEqual(pids);
    expect(marked.now('two')).toEqual([]);
    expect(marked.has(first.pid ?? 0, 'one')).toBe(true);
    expect(marked.has(first.pid ?? 0, 'two')).toBe(false);
  });

  it('are not those that have ended, even if nobody has heard of it yet', async () => {
    await using box = await scene();
    const marked = new MarkedProcesses(MARK, systemClock);
    // The shell becomes a program that never asks what became of its child.
    const shell = spawn('sh', ['-c', `${MARK}=gone sleep 600 & echo $!; exec sleep 600`]);
    box.owns({ close: () => shell.kill('SIGKILL') });
    const pid = Number(String((await once(shell.stdout, 'data'))[0]));
    await until(() => marked.now('gone').includes(pid));
    process.kill(pid, 'SIGKILL');
    await until(() => !marked.has(pid, 'gone'));
    await until(() => marked.now('gone').length === 0);
    expect(() => process.kill(pid, 0)).not.toThrow();
  });

  it.each(['ssh-agent', '/usr/bin/gpg-agent', 'git-credential-cache--daemon', 'ssh: /home/u/.ssh/c [mux]'])(
    'are not the servers of the user, such as %s',
    async (argv0) => {
      await using box = await scene();
      await start(box, { [MARK]: 'server' }, argv0);
      const other = await start(box, { [MARK]: 'server' });
      expect(new MarkedProcesses(MARK, systemClock).now('server')).toEqual([other.pid]);
    },
  );

  it('are looked for once for all who ask at once, and after they asked', async () => {
    await using box = await scene();
    let sleeps = 0;
    const clock = { now: () => 0, sleep: async () => void sleeps++ };
    const marked = new MarkedProcesses(MARK, clock, Number.POSITIVE_INFINITY);
    expect(await marked.soon('three')).toEqual([]);
    const child = await start(box, { [MARK]: 'three' });
    expect(await Promise.all([marked.soon('three'), marked.soon('four'), marked.soon('three')])).toEqual([
      [child.pid],
      [],
      [child.pid],
    ]);
    expect(sleeps).toBe(1);
    expect(await marked.soon('three')).toEqual([child.pid]);
  });
});
