import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { claimedPath, readyPath, taskText } from '../../kit/queues/queue-files.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const minutesAgo = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;

/** Writes another heartbeat into a claim, as somebody with that clock would have. */
async function beat(box: Scene, id: string, minutes: number): Promise<void> {
  const path = claimedPath(id);
  const text = `${await box.git(box.remote, 'show', `develop:${path}`)}\n`;
  const changed = text.replace(/last_heartbeat: .*/, `last_heartbeat: ${minutesAgo(minutes)}`);
  await box.commitTo(box.remote, 'refs/heads/develop', { [path]: changed });
}

const subjects = async (box: Scene, from: string): Promise<string[]> =>
  (await box.git(box.remote, 'log', '--reverse', '--format=%an|%s', `${from}..develop`)).split('\n');

const urgent = { [readyPath('TASK-1')]: taskText('TASK-1', { priority: 9 }) };

describe('a stalled claim', () => {
  it('is taken over by the next claim, in one push, and its first owner is fenced off', async () => {
    await using box = await scene({ tasks: 2, files: urgent, clones: ['clone'] });
    const original = await box.git(box.remote, 'show', `develop:${readyPath('TASK-1')}`);
    const dead = JSON.parse((await box.agentq('clone', 'claim', 'dead', '--json')).stdout);
    await beat(box, 'TASK-1', 45);
    const before = await box.tip();

    const plan = await box.agentq('clone', 'claim', 'a2', '--dry-run');
    expect(plan).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
    expect(plan.stderr).toContain('would claim auth/TASK-1: Title of TASK-1 (taken from dead, silent for 45m)');
    expect(await box.tip()).toBe(before);

    const taken = JSON.parse((await box.agentq('clone', 'claim', 'a2', '--json')).stdout);
    expect(taken).toMatchObject({ task: 'TASK-1', agent: 'a2', takenFrom: { agent: 'dead', stalls: 1 } });
    expect(await subjects(box, before)).toEqual([
      'orchestrator|[ORCHESTRATOR] Released 1 stalled tasks (no heartbeat for 30m)',
      'a2|[AGENT-CLAIM] a2 claimed TASK-1 from auth',
    ]);
    expect(await box.git(box.remote, 'show', `develop~1:${readyPath('TASK-1')}`)).toBe(original);
    expect(await box.git(box.remote, 'show', 'develop:.agents/auth/tasks/.agentq-stalls')).toBe('TASK-1 1');
    const late = await box.agentq('clone', 'complete', 'TASK-1', 'dead', '--claim-id', dead.claimId);
    expect(late.code).toBe(3);

    // The other task is ready; then both are held by the living.
    expect(await box.agentq('clone', 'claim', 'a3')).toMatchObject({ code: 0, stdout: 'auth/TASK-2\n' });
    // Half a minute ago, so that it does not matter whether this test has taken a second by now.
    await beat(box, 'TASK-1', 0.5);
    const nothing = await box.agentq('clone', 'claim', 'a4');
    expect(nothing).toMatchObject({ code: 1, stdout: '' });
    expect(nothing.stderr).toMatch(/2 claimed; the next claim counts as stalled in 31m, unless it is renewed/);
    expect((await auditQueue(box.path(box.remote))).violations).toEqual([]);
  });

  it('is left to release-stalled where the pool says so', async () => {
    const settings = { '.agents-core/config/agentq.toon': 'agentq:\n  reclaim: off\n' };
    await using box = await scene({ files: { ...urgent, ...settings }, clones: ['clone'] });
    await box.agentq('clone', 'claim', 'dead');
    await beat(box, 'TASK-1', 45);
    const nothing = await box.agentq('clone', 'claim', 'a2');
    expect([nothing.code, nothing.stderr.includes('1 claimed\n')]).toEqual([1, true]);
    expect((await box.agentq('clone', 'release-stalled')).stdout).toBe('auth/TASK-1\n');
  });

  it('is worked on by a pool, unless its owner renews by refs', async () => {
    const settings = { '.agents-core/config/agentq.toon': 'agentq:\n  heartbeat: ref\n' };
    await using box = await scene({ tasks: 2, files: { ...urgent, ...settings }, clones: ['clone'] });
    for (const agent of ['alive', 'dead']) await box.agentq('clone', 'claim', agent);
    await beat(box, 'TASK-1', 200);
    await beat(box, 'TASK-2', 200);
    expect((await box.agentq('clone', 'heartbeat', 'TASK-1', 'alive')).code).toBe(0);
    const pool = await box.agentq('clone', 'work', 'pool', '--once', '--', NODE, AGENTQ_BIN, '--version');
    expect(pool).toMatchObject({ code: 0, stdout: 'auth/TASK-2\n' });
    expect(pool.stderr).toMatch(/claimed auth\/TASK-2: Title of TASK-2 \(taken from dead, silent for 3h2\dm\)/);
    expect((await box.agentq('clone', 'list', '--claimed')).stdout).toMatch(/TASK-1.*alive/);
  });
});
