import { beforeEach, expect, it } from 'vitest';
import { requestsIn } from '../../kit/engine/machine.ts';
import { startAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { type Gate, holdRead } from '../../kit/remotes/gate.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { held, testQueue } from '../../kit/scene/test-sandbox.ts';

/** Ctrl-Z stops the one that leads: it lives, and says nothing. */

let box: GitSandbox;
let remote: string;
let gate: Gate;
beforeEach(async () => {
  ({ box, remote } = await testQueue(3, 'clone'));
  gate = await held(holdRead(box, 'clone', 'look'));
});

it('does not keep its followers beyond their deadline', async () => {
  const claim = (...args: readonly string[]) =>
    startAgentq(['claim', ...args, '-v', '--no-sync'], { cwd: box.path('clone'), env: box.env });
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
