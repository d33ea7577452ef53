import { expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { COLLECTING } from '../../../src/git/upstream/remote.ts';
import { pushScene } from '../../kit/scene/push-scene.ts';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH } from '../../kit/scene/upstream-scene.ts';

it.each([
  ['does not want it', 'false', 1],
  ['wants it', 'true', 2],
])('git looks for garbage after one push in 16, unless the server %s', async (_, autogc, more) => {
  await using box = await scene();
  const { clone, remote, tip } = await pushScene(box);
  await box.git(remote, 'config', 'receive.autogc', autogc);
  let next = '';
  for (let n = 0; !COLLECTING.test(next); n++) {
    next = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', `${n}`);
  }
  const log: string[][] = [];
  const upstream = openUpstream(await box.open(clone, { log }), 'origin');
  await upstream.look(BRANCH, [], { toPush: true });
  expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toEqual({ kind: 'landed' });
  expect(log.filter(([command]) => command === '-C')).toHaveLength(more);
});
