import { beforeEach, expect, it } from 'vitest';
import {
  claimIntent,
  expectCarriedOut,
  openMachine,
  publishAs,
  requestsOn,
  taskOf,
  tipOf,
} from '../../kit/engine/machine.ts';
import { readyPath, taskText } from '../../kit/queues/queue-files.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { testQueue } from '../../kit/scene/test-sandbox.ts';

/**
 * Git writes what it fetches one object after the other. Whoever works in the same clone meanwhile, or after the one that
 * fetched was killed, finds the commit there, and not all that belongs to it.
 */

let box: GitSandbox;
let remote: string;
let base: string;
beforeEach(async () => {
  ({ box, remote, base } = await testQueue(1, 'clone'));
});

/** Puts an object of the remote into the clone, without what it refers to. */
async function copy(object: string): Promise<void> {
  const type = await box.git(remote, 'cat-file', '-t', object);
  const [from, to] = [box.path(remote), box.path('clone')];
  const command = `git -C '${from}' cat-file ${type} '${object}' | git -C '${to}' hash-object -t ${type} -w --stdin --literally`;
  const { exitCode, stderr } = await box.run(box.root, 'sh', ['-c', command]);
  if (exitCode !== 0) throw new Error(stderr);
}

async function copyTrees(commit: string): Promise<void> {
  await copy(`${commit}^{tree}`);
  const listing = await box.git(remote, 'ls-tree', '-r', '-d', '--format=%(objectname)', commit);
  for (const tree of listing.split('\n')) await copy(tree);
}

async function newTask(): Promise<string> {
  return box.commitTo(remote, 'refs/heads/develop', {
    [readyPath('TASK-1')]: null,
    [readyPath('TASK-2')]: taskText('TASK-2'),
  });
}

it.each([
  ['trees', async (tip: string) => copy(tip)],
  ['files', async (tip: string) => copy(tip).then(() => copyTrees(tip))],
] as const)('gets the %s of a commit that is there without them', async (_what, prepare) => {
  await prepare(await newTask());
  const intent = claimIntent('a1');
  await using machine = await openMachine(box, 'clone');
  expect(taskOf((await machine.help(intent))[0])).toBe('auth/TASK-2');
  await expectCarriedOut(box, remote, intent);
});

it('gets the history of a commit that is there without it, before it says what was carried out', async () => {
  await box.clone(remote, 'other');
  const waiting = claimIntent('waiting');
  await using leader = await openMachine(box, 'other');
  await leader.onlyBranch(waiting);
  const tip = await newTask().catch(() => tipOf(box, remote));
  await copy(tip);
  await copyTrees(tip);
  await publishAs(box, remote, [waiting], { base, at: Date.now() + 1000 });
  const intent = claimIntent('a1');
  await using machine = await openMachine(box, 'clone');
  expect(taskOf((await machine.help(intent))[0])).toBe('auth/TASK-2');
  await expectCarriedOut(box, remote, waiting, intent);
  expect(await requestsOn(box, remote)).toEqual([]);
});
