import { expect, it } from 'vitest';
import { startAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { queueRemote } from '../../kit/queues/queue-files.ts';
import { holdRead } from '../../kit/remotes/gate.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

it('brings the checkout of a follower along, whose commit was pushed from another clone', async () => {
  await using box = await GitSandbox.create();
  const remote = await queueRemote(box, 3);
  for (const clone of ['one', 'two']) {
    await box.clone(remote, clone);
    // Processes of one user meet where the URL says the same from everywhere.
    await box.git(clone, 'remote', 'set-url', 'origin', `file://${box.path(remote)}`);
  }
  const gate = await holdRead(box, 'one', 'look');
  const claim = (agent: string, clone: string) =>
    startAgentq(['claim', agent, '-v'], { cwd: box.path(clone), env: box.env });
  const leader = claim('leader', 'one');
  await gate.reached();
  // How the remote is reached is part of where they meet.
  await box.git(
    'two',
    'config',
    'remote.origin.uploadpack',
    await box.git('one', 'config', 'remote.origin.uploadpack'),
  );
  const follower = claim('follower', 'two');
  await said(follower, 'stderr', (text) => text.includes('another agentq process carries this out'));
  await gate.open();
  expect(await leader.done).toMatchObject({ code: 0 });
  const followed = await follower.done;
  expect(followed.stderr).not.toContain('not updated');
  expect(followed).toMatchObject({ code: 0 });
  const tip = await box.git(remote, 'rev-parse', 'develop');
  expect(await box.git('two', 'rev-parse', 'HEAD')).toBe(tip);
  expect(await box.git('two', 'status', '--porcelain')).toBe('');
  await gate.close();
});
