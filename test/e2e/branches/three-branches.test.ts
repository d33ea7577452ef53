import { expect, it } from 'vitest';
import { OLD_AGENT } from '../../../lab/simulation/old-agent.ts';
import { branchScene, statesOn } from '../../kit/scene/branch-scene.ts';

/** An agent of the older kind whose branch is another. */
function oldAgentOn(branch: string): string {
  return OLD_AGENT.replace('branch=develop\n', `branch=${branch}\n`);
}

/** Strategies 1 and 3 of the scale guide, on branches of projects: specialists, generalists, an old script, a worker. */
it('lets a pool of all kinds work three projects on three branches, and every task has one owner', async () => {
  await using box = await branchScene({ clones: ['a', 'b', 'old'] });
  const [old, ...claims] = await Promise.all([
    box.run(box.path('old'), 'bash', ['-c', oldAgentOn('develop-auth'), 'old-agent', 'claim', 'old-1', 'auth']),
    box.agentq('a', 'claim', 'auth-1', 'auth'),
    box.agentq('b', 'claim', 'any-1'),
    box.agentq('a', 'claim', 'any-2'),
  ]);
  const named = claims.map(({ stdout }) => stdout.trim());
  expect(claims.map(({ code, stderr }) => (code === 0 ? '' : stderr))).toEqual(['', '', '']);
  expect(old?.stderr).not.toContain('gave up');
  expect(new Set(named).size).toBe(3);
  expect(named[0]).toMatch(/^auth\//);
  const owned = await Promise.all(
    (['develop', 'develop-auth', 'develop-pay'] as const).map((branch, at) =>
      statesOn(box, branch, ['web', 'auth', 'pay'][at] ?? ''),
    ),
  );
  expect(owned.flat().filter((state) => state.endsWith('claimed'))).toHaveLength(4);

  // What is left is done by a worker, wherever it lives.
  const work = await box.agentq('b', 'work', 'worker', '--', 'true');
  expect(work.code, work.stderr).toBe(0);
  const status = JSON.parse((await box.agentq('a', 'status', '--json')).stdout);
  expect(status.all).toMatchObject({ total: 5, completed: 1, inProgress: 4 });
  expect(Object.keys(status.tips)).toEqual(['develop', 'develop-auth', 'develop-pay']);
  // An id that only one project has is found there; nothing was ever claimed from a copy.
  const done = await box.agentq('a', 'complete', named[0] ?? '', 'auth-1', '--json');
  expect(JSON.parse(done.stdout)).toMatchObject({ project: 'auth', branch: 'develop-auth' });
  const copies = [await statesOn(box, 'develop', 'auth'), await statesOn(box, 'develop', 'pay')];
  expect(copies.flat()).toEqual(['TASK-1 ready', 'TASK-2 ready', 'TASK-1 ready']);
  const nothing = await box.agentq('a', 'claim', 'late', '', 'develop');
  expect(nothing.code).toBe(1);
  expect(nothing.stderr).toContain('other projects live on develop-auth, develop-pay, which were not looked at');
});
