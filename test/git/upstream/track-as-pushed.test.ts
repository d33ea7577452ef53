import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { trackAsPushed } from '../../../src/git/upstream/track-as-pushed.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit, remoteAndClone } from '../../kit/scene/upstream-scene.ts';

const TRACKING = 'refs/remotes/origin/develop';

/** A clone in which git has moved the ref once, and one move more. */
async function moved(box: Scene, before: (clone: string) => Promise<unknown>, env = {}) {
  const { clone, tip } = await remoteAndClone(box);
  const [one, two] = [await localCommit(box, clone, tip, 'one'), await localCommit(box, clone, tip, 'two')];
  await box.git(clone, 'update-ref', '-m', 'update by push', TRACKING, one);
  await before(clone);
  const log: string[][] = [];
  const repository = await box.open(clone, { log, env });
  const remote = repository.remotes.get('origin');
  if (remote === undefined) throw new Error('no remote');
  await trackAsPushed(repository, remote, [{ ref: BRANCH, expected: tip, to: two }]);
  const started = log.map(([command]) => command).filter((command) => command !== 'config');
  return { clone, one, two, started };
}

it('moves the ref of the remote as git does, and its log, without git', async () => {
  await using box = await scene();
  const { clone, one, two, started } = await moved(box, async () => undefined);
  expect(started).toEqual([]);
  const gits = await box.git(clone, 'cat-file', '-t', TRACKING);
  expect([gits, (await box.refs(clone))[TRACKING]]).toEqual(['commit', two]);
  const lines = (await box.run(box.path(clone), 'tail', ['-n', '2', `.git/logs/${TRACKING}`])).stdout.split('\n');
  const [, byGit = '', byUs = ''] = [undefined, ...lines];
  expect(byUs).toMatch(new RegExp(`^${one} ${two} Test User <user@example.com> \\d{10} \\+0000\tupdate by push$`));
  expect(byUs.slice(82).replace(/\d{10}/, '')).toBe(byGit.slice(82).replace(/\d{10}/, ''));
  const reflog = await box.git(clone, 'reflog', 'show', '--format=%H %gs', TRACKING);
  expect(reflog.split('\n').slice(0, 2)).toEqual([`${two} update by push`, `${one} update by push`]);
  expect(await box.git(clone, 'fsck')).not.toContain('error');
});

it.each<[string, (box: Scene, clone: string) => Promise<unknown>]>([
  ['the ref is packed', (box, clone) => box.git(clone, 'pack-refs', '--all')],
  ['it has no log', (box, clone) => box.run(box.path(clone), 'rm', [`.git/logs/${TRACKING}`])],
  ['logs are off', (box, clone) => box.git(clone, 'config', 'core.logAllRefUpdates', 'false')],
  ['others write it, too', (box, clone) => box.git(clone, 'config', 'core.sharedRepository', 'group')],
  ['it names another ref', (box, clone) => box.git(clone, 'symbolic-ref', TRACKING, 'refs/remotes/origin/x')],
  ['the name is unusual', (box, clone) => box.git(clone, 'config', 'user.name', 'A <B>')],
])('leaves it to git if %s', async (_, before) => {
  await using box = await scene();
  const { clone, two, started } = await moved(box, (name) => before(box, name));
  expect(started).toEqual(['update-ref']);
  expect(await box.git(clone, 'rev-parse', '--verify', TRACKING)).toBe(two);
});

it('waits, as git does, for whoever has the lock, and only warns', async () => {
  await using box = await scene();
  const lock = `.git/${TRACKING}.lock`;
  const { clone, one, started } = await moved(box, (name) => writeFile(box.path(name, lock), ''));
  expect(started).toEqual(['update-ref']);
  expect(await box.git(clone, 'rev-parse', '--verify', TRACKING)).toBe(one);
  expect((await box.run(box.path(clone), 'ls', [lock])).exitCode).toBe(0);
});
