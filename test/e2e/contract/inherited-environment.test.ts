import { copyFile, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { queueRemote } from '../../kit/queues/queue-files.ts';
import { claimIn, expectClaimed, expectFollowed } from '../../kit/scene/claim-scene.ts';
import { scene } from '../../kit/scene/scene.ts';

/** CONTRACT 4: agentq called from a hook or an alias of git inherits variables that are about another repository or index. */

it('claims in its own clone, with the variables that git sets for a hook of another', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const { remote } = box;
  const clone = 'clone';
  const other = await box.clone(await queueRemote(box, 0, { name: 'other.git' }), 'other');
  const state = async () => [await box.refs(other), await box.git(other, 'status', '--porcelain=v2', '--branch')];
  const before = await state();
  const claim = await claimIn(box, clone, {
    env: {
      GIT_DIR: box.path(other, '.git'),
      GIT_WORK_TREE: box.path(other),
      GIT_COMMON_DIR: box.path(other, '.git'),
      GIT_OBJECT_DIRECTORY: box.path(other, '.git/objects'),
      GIT_INDEX_FILE: box.path(other, '.git/index'),
      GIT_PREFIX: 'src/',
    },
  });
  await expectClaimed(box, remote, claim);
  await expectFollowed(box, clone, remote, claim);
  expect(await state()).toEqual(before);
});

it('leaves the index of a commit that is being made alone, with the variables of a pre-commit hook', async () => {
  await using box = await scene({ tasks: 1, clones: ['clone'] });
  const { remote } = box;
  const clone = 'clone';
  const index = box.path(clone, '.git/next-index-1.lock');
  await copyFile(box.path(clone, '.git/index'), index);
  const before = await readFile(index);
  const claim = await claimIn(box, clone, { env: { GIT_INDEX_FILE: index, GIT_EDITOR: ':' } });
  await expectClaimed(box, remote, claim);
  expect(await readFile(index)).toEqual(before);
  expect(await box.git(clone, 'status', '--porcelain')).toBe('');
});
