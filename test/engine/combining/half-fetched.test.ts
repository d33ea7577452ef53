import { expect, it } from 'vitest';
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
import { type Scene, scene } from '../../kit/scene/scene.ts';

/**
 * Git writes what it fetches one object after the other. Whoever works in the same clone meanwhile, or after the one that
 * fetched was killed, finds the commit there, and not all that belongs to it.
 */

/** Puts an object of the remote into the clone, without what it refers to. */
async function copy(box: Scene, object: string): Promise<void> {
  const { remote } = box;
  const type = await box.git(remote, 'cat-file', '-t', object);
  const [from, to] = [box.path(remote), box.path('clone')];
  const command = `git -C '${from}' cat-file ${type} '${object}' | git -C '${to}' hash-object -t ${type} -w --stdin --literally`;
  const { exitCode, stderr } = await box.run(box.root, 'sh', ['-c', command]);
  if (exitCode !== 0) throw new Error(stderr);
}

async function copyTrees(box: Scene, commit: string): Promise<void> {
  const { remote } = box;
  await copy(box, `${commit}^{tree}`);
  const listing = await box.git(remote, 'ls-tree', '-r', '-d', '--format=%(objectname)', commit);
  for (const tree of listing.split('\n')) await copy(box, tree);
}

async function newTask(box: Scene): Promise<string> {
  const { remote } = box;
  return box.commitTo(remote, 'refs/heads/develop', {
    [readyPath('TASK-1')]: null,
    [readyPath('TASK-2')]: taskText('TASK-2'),
  });
}

it.each([
  ['trees', async (box: Scene, tip: string) => copy(box, tip)],
  ['files', async (box: Scene, tip: string) => copy(box, tip).then(() => copyTrees(box, tip))],
] as const)('gets the %s of a commit that is there without them', async (_what, prepare) => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const { remote } = box;
  await prepare(box, await newTask(box));
  const intent = claimIntent('a1');
  await using machine = await openMachine(box, 'clone');
  expect(taskOf((await machine.help(intent))[0])).toBe('auth/TASK-2');
  await expectCarriedOut(box, remote, intent);
});

it('gets the history of a commit that is there without it, before it says what was carried out', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const { remote } = box;
  const base = await box.tip();
  await box.clone(remote, 'other');
  const waiting = claimIntent('waiting');
  await using leader = await openMachine(box, 'other');
  await leader.onlyBranch(waiting);
  const tip = await newTask(box).catch(() => tipOf(box, remote));
  await copy(box, tip);
  await copyTrees(box, tip);
  await publishAs(box, remote, [waiting], { base, at: Date.now() + 1000 });
  const intent = claimIntent('a1');
  await using machine = await openMachine(box, 'clone');
  expect(taskOf((await machine.help(intent))[0])).toBe('auth/TASK-2');
  await expectCarriedOut(box, remote, waiting, intent);
  expect(await requestsOn(box, remote)).toEqual([]);
});
