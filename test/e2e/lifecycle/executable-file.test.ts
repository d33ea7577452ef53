import { expect, it } from 'vitest';
import { claimedPath, readyPath } from '../../kit/queues/queue-files.ts';
import { scene } from '../../kit/scene/scene.ts';

/** CONTRACT 3: a released file is what it was before it was claimed, and that is more than its bytes. */
it('a task file that is executable stays so through claim, heartbeat and release, byte for byte', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const { remote } = box;
  await box.git('clone', 'update-index', '--chmod=+x', readyPath('TASK-1'));
  await box.git('clone', 'commit', '-q', '-m', 'Make it executable');
  await box.git('clone', 'push', '-q', 'origin', 'develop');
  const entry = async (path: string): Promise<string> => await box.git(remote, 'ls-tree', 'develop', path);
  const before = await entry(readyPath('TASK-1'));
  expect(before).toMatch(/^100755 blob /);

  const agentq = async (...args: readonly string[]): Promise<void> => {
    const run = await box.agentq('clone', ...args);
    expect(run.code, run.stderr).toBe(0);
  };
  await agentq('claim', 'a1');
  expect(await entry(claimedPath('TASK-1'))).toMatch(/^100755 blob /);
  await agentq('heartbeat', 'TASK-1', 'a1');
  expect(await entry(claimedPath('TASK-1'))).toMatch(/^100755 blob /);
  await agentq('release', 'TASK-1', 'a1');
  expect(await entry(readyPath('TASK-1'))).toBe(before);
  await agentq('claim', 'a1');
  await agentq('complete', 'TASK-1', 'a1');
  expect(await entry('.agents/auth/completed/TASK-1.toon')).toMatch(/^100755 blob /);
});
