import { expect, it } from 'vitest';
import { branchScene } from '../../kit/scene/branch-scene.ts';
import { until } from '../../kit/scene/work-session.ts';

it('agents of all branches are in one answer, those too that were told the branch of a project', async () => {
  await using box = await branchScene({ clones: ['a', 'b'] });
  expect((await box.agentq('a', 'claim', 'a1', 'auth')).stdout).toBe('auth/TASK-1\n');
  const args = ['work', 'a2', 'auth', 'develop-auth', '--wait', '--', 'true'];
  const waiting = box.start('b', args, { env: { AGENTQ_MACHINE: 'builder' } });
  const agents = async (...more: readonly string[]) =>
    JSON.parse((await box.agentq('a', 'agents', '--json', ...more)).stdout);
  let answer: Awaited<ReturnType<typeof agents>>;
  await until(async () => {
    answer = await agents();
    const { machine, completions } = answer.agents.find(({ agent }: { agent: string }) => agent === 'a2') ?? {};
    return machine === 'builder' && completions === 1;
  });
  expect(Object.keys(answer.tips).sort()).toEqual(['develop', 'develop-auth', 'develop-pay']);
  expect(answer.agents).toEqual([
    expect.objectContaining({ agent: 'a1', state: 'working', project: 'auth', task: 'TASK-1', claims: 1 }),
    expect.objectContaining({ agent: 'a2', state: 'idle', machine: 'builder', completions: 1 }),
  ]);
  // Nobody has to do with a project that nobody works on.
  expect((await agents('pay')).agents).toEqual([]);
  waiting.child.kill('SIGTERM');
  expect((await waiting.done).code).toBe(143);
});
