import { expect, it } from 'vitest';
import { said } from '../../kit/processes/said.ts';
import { holdRead } from '../../kit/remotes/gate.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** A claim in one clone that leads, held at its look, and one in another clone that follows it. */
async function leaderAndFollower(box: Scene) {
  for (const clone of ['one', 'two']) {
    // Processes of one user meet where the URL says the same from everywhere.
    await box.git(clone, 'remote', 'set-url', 'origin', `file://${box.path(box.remote)}`);
  }
  const gate = box.owns(await holdRead(box, 'one', 'look'));
  const leader = box.start('one', ['claim', 'leader', '-v']);
  await gate.reached();
  // How the remote is reached is part of where they meet.
  const how = await box.git('one', 'config', 'remote.origin.uploadpack');
  await box.git('two', 'config', 'remote.origin.uploadpack', how);
  const follower = box.start('two', ['claim', 'follower', '-v']);
  await said(follower, 'stderr', (text) => text.includes('another agentq process carries this out'));
  await gate.open();
  return { leader, follower };
}

it('a follower takes the objects from its leader, and starts one git', async () => {
  await using box = await scene({ tasks: 3, clones: ['one', 'two'] });
  const { leader, follower } = await leaderAndFollower(box);
  expect((await leader.done).stderr).toContain('git pack-objects');
  const { code, stderr } = await follower.done;
  expect({ code, gits: stderr.match(/git [a-z-]+$/gm) }).toEqual({ code: 0, gits: ['git merge'] });
  expect(await box.git('two', 'rev-parse', 'HEAD')).toBe(await box.tip());
  expect(await box.git('two', 'status', '--porcelain')).toBe('');
  expect(await box.git('two', 'fsck', '--strict', '--no-dangling')).toBe('');
});

it('brings the checkout of a follower along, whose commit was pushed from another clone', async () => {
  await using box = await scene({ tasks: 3, clones: ['one', 'two'] });
  const { leader, follower } = await leaderAndFollower(box);
  expect(await leader.done).toMatchObject({ code: 0 });
  const followed = await follower.done;
  expect(followed.stderr).not.toContain('not updated');
  expect(followed).toMatchObject({ code: 0 });
  const tip = await box.tip();
  expect(await box.git('two', 'rev-parse', 'HEAD')).toBe(tip);
  expect(await box.git('two', 'status', '--porcelain')).toBe('');
});
