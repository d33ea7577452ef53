import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit, remoteAndClone } from '../../kit/scene/upstream-scene.ts';

/** Pushes a commit whose id ends with such a digit. @returns whether the remote looked for garbage afterwards */
async function looksForGarbage(box: Scene, lastDigit: RegExp, ...setting: readonly string[]): Promise<boolean> {
  const { remote, clone, tip } = await remoteAndClone(box, {
    name: `clone-${lastDigit.source.length}-${setting.length}`,
  });
  await box.git(remote, 'config', 'receive.autogc', 'true');
  if (setting.length > 0) await box.git(clone, 'config', ...setting);
  let next = '';
  for (let n = 0; !lastDigit.test(next); n++) next = await localCommit(box, clone, tip, `next ${n}`);
  const trace = box.path(`trace-${clone}`);
  const upstream = openUpstream(await box.open(clone, { env: { GIT_TRACE: trace } }), 'origin');
  expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toEqual({ kind: 'landed' });
  expect(await box.git(remote, 'rev-parse', BRANCH)).toBe(next);
  return existsSync(trace) && /(?:gc|maintenance run) --auto/.test(readFileSync(trace, 'utf8'));
}

it('a remote in a folder looks for garbage after one push in 16', async () => {
  await using box = await scene();
  expect(await looksForGarbage(box, /[1-9a-f]$/)).toBe(false);
  expect(await looksForGarbage(box, /0$/)).toBe(true);
});

it('it does so after each push if the user has a program for pushes', async () => {
  await using box = await scene();
  expect(await looksForGarbage(box, /[1-9a-f]$/, 'remote.origin.receivepack', 'git-receive-pack')).toBe(true);
});
