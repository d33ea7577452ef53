import { expect, it } from 'vitest';
import { requestsIn } from '../../kit/engine/machine.ts';
import { said } from '../../kit/processes/said.ts';
import { holdRead } from '../../kit/remotes/gate.ts';
import { scene } from '../../kit/scene/scene.ts';

/** Ctrl-Z stops the one that leads: it lives, and says nothing. */

it('does not keep its followers beyond their deadline', async () => {
  await using box = await scene({ tasks: 3, clones: ['clone'] });
  const { remote } = box;
  const gate = box.owns(await holdRead(box, 'clone', 'look'));
  const claim = (...args: readonly string[]) => box.start('clone', ['claim', ...args, '-v', '--no-sync']);
  const leader = claim('leader');
  await gate.reached();
  const hasDeadline = claim('hurried', '--timeout', '1s');
  const isInterrupted = claim('interrupted');
  const following = 'another agentq process carries this out';
  await Promise.all([
    said(hasDeadline, 'stderr', (text) => text.includes(following)),
    said(isInterrupted, 'stderr', (text) => text.includes(following)),
  ]);
  leader.child.kill('SIGSTOP');
  isInterrupted.child.kill('SIGTERM');
  expect(await hasDeadline.done).toMatchObject({ code: 2, stdout: '' });
  expect(await isInterrupted.done).toMatchObject({ code: 143, stdout: '' });
  leader.child.kill('SIGCONT');
  await gate.open();
  expect(await leader.done).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  // Nobody gets what it no longer waits for.
  expect(await requestsIn(box, remote)).toHaveLength(1);
});
