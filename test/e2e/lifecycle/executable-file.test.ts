import { expect, it } from 'vitest';
import { runAgentq } from '../../kit/processes/run-agentq.ts';
import { claimedPath, queueRemote, readyPath } from '../../kit/queues/queue-files.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

/** CONTRACT 3: a released file is what it was before it was claimed, and that is more than its bytes. */
it('a task file that is executable stays so through claim, heartbeat and release, byte for byte', async () => {
  await using box = await GitSandbox.create();
  const remote = await queueRemote(box, 1);
  const clone = await box.clone(remote, 'clone');
  await box.git(clone, 'update-index', '--chmod=+x', readyPath('TASK-1'));
  await box.git(clone, 'commit', '-q', '-m', 'Make it executable');
  await box.git(clone, 'push', '-q', 'origin', 'develop');
  const entry = async (path: string): Promise<string> => await box.git(remote, 'ls-tree', 'develop', path);
  const before = await entry(readyPath('TASK-1'));
  expect(before).toMatch(/^100755 blob /);

  const agentq = async (...args: readonly string[]): Promise<void> => {
    const run = await runAgentq(args, { cwd: box.path(clone), env: box.env });
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
