import { describe, expect, it } from 'vitest';
import type { HeartbeatIntent, Intent } from '../../../src/domain/intents/intent.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import type { Queue } from '../../../src/engine/queue/queue.ts';
import { claimIntent } from '../../kit/engine/machine.ts';
import { branchScene, openedBranches, placing, SETTINGS, statesOn } from '../../kit/scene/branch-scene.ts';

let requests = 0;

/** A request of its own. */
function request(): string {
  requests++;
  return `request-${requests}`;
}

async function claim(queue: Queue, agent: string, project?: string): Promise<string> {
  const intent = claimIntent(agent, project === undefined ? {} : { filter: { project } });
  const { outcome, branch = 'develop' } = await queue.submit(intent);
  return outcome.kind === 'claimed' ? `${formatKey(outcome.key)} on ${branch}` : outcome.kind;
}

describe('a queue with projects on branches of their own', () => {
  it('claims from a project on its branch, and never from a copy', async () => {
    await using box = await branchScene({ clones: ['a', 'b'] });
    await using first = await openedBranches(box, 'a');
    expect(await claim(first.queue, 'a1', 'auth')).toBe('auth/TASK-1 on develop-auth');
    expect(await claim(first.queue, 'a2', 'web')).toBe('web/TASK-1 on develop');
    // Another clone, which knows nothing yet, and then one that remembers.
    await using second = await openedBranches(box, 'b');
    expect(await claim(second.queue, 'b1', 'auth')).toBe('auth/TASK-2 on develop-auth');
    await second.queue.close();
    await using again = await openedBranches(box, 'b');
    await expect(claim(again.queue, 'b2', 'auth')).rejects.toMatchObject({ code: 'nothing-claimable' });
    expect(await statesOn(box, 'develop-auth', 'auth')).toEqual(['TASK-1 claimed', 'TASK-2 claimed']);
    expect(await statesOn(box, 'develop', 'auth')).toEqual(['TASK-1 ready', 'TASK-2 ready']);
    expect(await box.git('remote.git', 'log', '--format=%s', 'develop', '-1')).toBe(
      '[AGENT-CLAIM] a2 claimed TASK-1 from web',
    );
  });

  it('gives an agent that takes any project the best task of all branches, with one look', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await using opened = await openedBranches(box, 'a');
    const { queue } = opened;
    expect(await claim(queue, 'a1')).toBe('auth/TASK-1 on develop-auth');
    const before = opened.talks();
    expect(await claim(queue, 'a2')).toBe('pay/TASK-1 on develop-pay');
    // The look is the one of the push, too.
    expect(opened.talks() - before).toBe(1);
    expect(await Promise.all(['a3', 'a4'].map((agent) => claim(queue, agent)))).toEqual([
      'web/TASK-1 on develop',
      'auth/TASK-2 on develop-auth',
    ]);
    const preferring = claimIntent('a5', { prefer: 'web' });
    expect((await queue.submit(preferring)).outcome).toMatchObject({ key: { project: 'web', id: 'TASK-2' } });
    await expect(claim(queue, 'a6')).rejects.toMatchObject({ code: 'nothing-claimable' });
    await expect(claim(queue, 'a6', 'autj')).rejects.toMatchObject({
      code: 'unknown-project',
      hint: 'did you mean auth?',
    });
  });

  it('finds a task by its id wherever it lives, and says so if several projects have it', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await using opened = await openedBranches(box, 'a');
    const { queue } = opened;
    const task = claimIntent('a1', { task: { id: 'TASK-2', project: 'auth' } });
    expect((await queue.submit(task)).branch).toBe('develop-auth');
    const about = (kind: 'heartbeat' | 'complete' | 'release', id: string, project?: string): Intent => ({
      kind,
      request: request(),
      agent: 'a1',
      task: project === undefined ? { id } : { id, project },
    });
    await expect(queue.submit(about('complete', 'TASK-2'))).rejects.toMatchObject({
      code: 'ambiguous-task',
      message: 'TASK-2 is a task of several projects: auth/TASK-2, web/TASK-2',
    });
    expect((await queue.submit(about('heartbeat', 'TASK-2', 'auth'))).branch).toBe('develop-auth');
    await queue.submit(about('complete', 'TASK-2', 'auth'));
    expect(await statesOn(box, 'develop-auth', 'auth')).toEqual(['TASK-1 ready', 'TASK-2 completed']);
    await expect(queue.submit(about('complete', 'TASK-9'))).rejects.toMatchObject({ code: 'unknown-task' });
  });

  it('goes by the settings at the time of its own look, whatever the clone remembers', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await using opened = await openedBranches(box, 'a');
    expect(await claim(opened.queue, 'a1', 'auth')).toBe('auth/TASK-1 on develop-auth');
    const moved = { [SETTINGS]: placing({ auth: 'develop-pay', pay: 'develop-pay' }) };
    await box.commitTo(box.remote, 'refs/heads/develop', moved, 'Move');
    expect(await claim(opened.queue, 'a2', 'auth')).toBe('auth/TASK-1 on develop-pay');
    await opened.queue.close();
    await box.commitTo(box.remote, 'refs/heads/develop', { [SETTINGS]: 'agentq:\n  backoff_base: 10ms\n' }, 'Back');
    await using later = await openedBranches(box, 'a');
    expect(await claim(later.queue, 'a3', 'auth')).toBe('auth/TASK-1 on develop');
    expect(await claim(later.queue, 'a4')).toBe('pay/TASK-1 on develop');
  });

  it('renews claims of all branches in one call, by commits or by refs of their own branch', async () => {
    await using box = await branchScene({ clones: ['a'] });
    await using opened = await openedBranches(box, 'a');
    const { queue } = opened;
    const held = await Promise.all(['web', 'auth', 'pay'].map((project) => claim(queue, 'a1', project)));
    expect(held).toHaveLength(3);
    const beats = ['pay', 'web', 'auth'].map((project) => ({
      kind: 'heartbeat' as const,
      request: request(),
      agent: 'a1',
      task: { project, id: 'TASK-1' },
    }));
    const renewals = await queue.renew([
      ...beats,
      { ...beats[0], request: request(), agent: 'stranger' } as HeartbeatIntent,
    ]);
    expect(renewals.map((one) => (one.kind === 'renewed' ? one.submitted.outcome : one.error))).toMatchObject([
      { key: { project: 'pay' } },
      { key: { project: 'web' } },
      { key: { project: 'auth' } },
      { code: 'not-owner' },
    ]);
  });
});
