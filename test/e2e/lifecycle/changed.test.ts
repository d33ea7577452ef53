import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const READY = '.agents/auth/tasks';

it('an edit of a claimed task reaches its owner with the next heartbeat', async () => {
  const files = { [`${READY}/TASK-1.toon`]: plainTask('TASK-1') };
  await using box = await scene({ files, clones: ['clone', 'planner'] });
  const heartbeat = async (): Promise<unknown> => {
    const { code, stdout } = await box.agentq('clone', 'heartbeat', 'TASK-1', 'a1', '--json');
    return code === 0 ? JSON.parse(stdout).changed : code;
  };
  const planner = async (...args: readonly string[]): Promise<void> => {
    expect((await box.agentq('planner', ...args)).code).toBe(0);
  };
  expect((await box.agentq('clone', 'claim', 'a1')).code).toBe(0);
  // Since the claim, and then since the last heartbeat, each once.
  await planner('edit', 'TASK-1', '--title', 'Another', '--agent', 'Ada');
  const { stderr } = await box.agentq('clone', 'heartbeat', 'TASK-1', 'a1');
  expect(stderr).toContain('changed: title');
  expect(await heartbeat()).toEqual([]);
  await box.write('planner', { 'details.md': 'All of it, and more\n' });
  await planner('edit', 'TASK-1', '--details-file', 'details.md', '--criterion', '+tested', '--agent', 'Ada');
  await planner('note', 'TASK-1', 'see the branch x', '--agent', 'Ada');
  expect(await heartbeat()).toEqual(['description', 'criteria', 'notes']);
  expect(await heartbeat()).toEqual([]);
  expect((await box.agentq('clone', 'take', 'TASK-1', 'a2', '--from', 'a1')).code).toBe(0);
  expect(await heartbeat()).toBe(3);
});
