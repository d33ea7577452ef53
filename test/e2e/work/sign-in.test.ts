import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { until, WorkSession, waitFor } from '../../kit/scene/work-session.ts';

interface Shown {
  readonly agent: string;
  readonly state: string;
  readonly machine: string | null;
  readonly capabilities: readonly string[];
  readonly task: string | null;
}

async function agents(session: WorkSession): Promise<readonly Shown[]> {
  return JSON.parse((await session.agentq('agents', '--json')).stdout).agents;
}

async function signIns(session: WorkSession): Promise<string[]> {
  return Object.keys(await session.box.refs('remote.git')).filter((ref) => ref.startsWith('refs/agentq/agents/'));
}

const on = (AGENTQ_MACHINE: string) => ({ env: { AGENTQ_MACHINE } });

describe('workers sign in', () => {
  it('so that idle ones are seen, their names are refused elsewhere, and who is told to end is gone', async () => {
    await using session = await WorkSession.create([{ id: 'T-1', status: 'blocked' }]);
    const waiting = session.work(['a1', '--wait', '--can', 'gpu,docker'], 'true', on('one'));
    await until(async () => (await signIns(session)).length === 1);
    expect(await agents(session)).toEqual([
      expect.objectContaining({ agent: 'a1', state: 'idle', machine: 'one', capabilities: ['gpu', 'docker'] }),
    ]);

    const refused = await session.work(['a1'], 'true', on('two')).done;
    expect(refused).toMatchObject({ code: 64, stdout: '' });
    expect(refused.stderr).toMatch(/a1 is at work on another machine: one, process \d+ \(agentq work\), since /);
    // On its own machine, and by other commands, a name may be used by several processes.
    expect((await session.work(['a1'], 'true', on('one')).done).code).toBe(1);
    expect((await session.agentq('claim', 'a1')).code).toBe(1);

    const forced = session.work(['a1', '--wait', '--force'], 'true', on('two'));
    await until(async () => (await signIns(session)).length === 2);
    for (const running of [waiting, forced]) running.child.kill('SIGTERM');
    expect((await forced.done).stderr).toContain('a1 is taken over');
    expect((await waiting.done).code).toBe(143);
    expect(await signIns(session)).toEqual([]);
  });

  it('with one push, and one when they end; a first one of the clone finds out whether the server deletes', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2' }]);
    await session.box.hook('remote.git', 'post-receive', 'sed "s/^/$$ /" >> pushes');
    const pushes = async () => {
      const lines = (await readFile(session.box.path('remote.git', 'pushes'), 'utf8')).trim().split('\n');
      return new Set(lines.map((line) => line.split(' ')[0])).size;
    };
    const run = async (go: string): Promise<void> => {
      const running = session.work(['a1', '--once'], waitFor(go));
      await until(async () => (await signIns(session)).some((ref) => !ref.includes('/_')));
      expect(await agents(session)).toEqual([expect.objectContaining({ agent: 'a1', state: 'working' })]);
      await session.meet(go);
      expect((await running.done).code).toBe(0);
    };
    await run('first');
    // A claim, its completion, signing in and out, and the marker of which the deletion was tried.
    expect(await pushes()).toBe(5);
    await run('second');
    expect(await pushes()).toBe(9);
    expect(await signIns(session)).toEqual([]);
  });

  it.each([
    ['takes no such refs', 'case "$1" in refs/agentq/*) exit 1 ;; esac'],
    ['does not delete refs', 'case "$3" in *[1-9a-f]*) ;; *) exit 1 ;; esac'],
  ])('nowhere where the server %s, and work all the same', async (_what, update) => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    await session.box.hook('remote.git', 'update', update);
    const { code, stdout, stderr } = await session.work(['a1', '-v'], 'true').done;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
    expect(stderr.match(/not signed in/g)).toHaveLength(1);
    expect((await signIns(session)).filter((ref) => !ref.endsWith('/_marker'))).toEqual([]);
    expect((await agents(session)).map(({ agent, machine }) => [agent, machine])).toEqual([['a1', null]]);
  });
});
