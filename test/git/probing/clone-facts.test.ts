import { chmod, rm, utimes } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { cloneFacts, removeOwnLeftovers } from '../../../src/git/probing/clone-facts.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const FILES = { 'q/T.toon': 'one\n' };
const BRANCH = 'refs/heads/develop';

async function factsOf(box: Scene, dir: string) {
  return cloneFacts(await box.open(dir), BRANCH, Date.now());
}

async function age(box: Scene, path: string): Promise<void> {
  const then = Date.now() / 1000 - 2 * 3_600;
  await utimes(box.path(path), then, then);
}

it('tells kinds of clones, and what an ordinary one has', async () => {
  await using box = await scene({ files: FILES, clones: ['clone'] });
  expect(await factsOf(box, 'clone')).toEqual({
    kind: 'clone',
    shallow: false,
    partial: false,
    unwritable: undefined,
    freeBytes: expect.any(Number),
    freeFiles: expect.any(Number),
    hooks: { active: [], ignored: [], missingFolder: undefined },
    leftovers: [],
  });
  await box.git('clone', 'worktree', 'add', '-q', '--detach', box.path('tree'));
  expect(await factsOf(box, 'tree')).toMatchObject({ kind: 'worktree', leftovers: [] });
  expect(await factsOf(box, box.remote)).toMatchObject({ kind: 'bare' });
  await box.clone(box.remote, 'shallow', '--depth=1');
  expect(await factsOf(box, 'shallow')).toMatchObject({ shallow: true });
});

it('tells hooks that run from those that git ignores, and a folder of hooks that is not there', async () => {
  await using box = await scene({ files: FILES, clones: ['clone'] });
  const hooks = { '.git/hooks/pre-push': '', '.git/hooks/commit-msg': '', '.git/hooks/notes.txt': '' };
  await box.write('clone', { ...hooks, '.husky/pre-commit': '' });
  await chmod(box.path('clone/.git/hooks/pre-push'), 0o755);
  expect((await factsOf(box, 'clone')).hooks).toMatchObject({ active: ['pre-push'], ignored: ['commit-msg'] });
  await box.git('clone', 'config', 'core.hooksPath', '.husky');
  expect((await factsOf(box, 'clone')).hooks).toMatchObject({ active: [], ignored: ['pre-commit'] });
  await box.git('clone', 'config', 'core.hooksPath', '.gone');
  expect((await factsOf(box, 'clone')).hooks).toMatchObject({ missingFolder: '.gone' });
});

it('tells a git directory that cannot be written to', async () => {
  await using box = await scene({ files: FILES, clones: ['clone'] });
  // Root may write everywhere, but not into a file.
  await rm(box.path('clone/.git/agentq'), { recursive: true, force: true });
  await box.write('clone', { '.git/agentq': '' });
  expect((await factsOf(box, 'clone')).unwritable).toBe('EEXIST');
});

it('removes what is ours and old, and leaves locks of git, young files and what it does not know', async () => {
  await using box = await scene({ files: FILES, clones: ['clone'] });
  const pid = 4_194_305; // No system has so many.
  const tip = await box.tip();
  await box.git('clone', 'update-ref', `refs/agentq/tmp/${pid}-00ff`, tip);
  await box.git('clone', 'update-ref', `refs/agentq/tmp/${process.pid}-00ff`, tip);
  await box.write('clone', {
    '.git/agentq/race-old/answer': '',
    '.git/agentq/race-new/answer': '',
    '.git/agentq/remote-x.json.1': '',
    '.git/agentq/unheard-of': '',
    '.git/objects/pack/tmp_pack_old': '',
    '.git/config.lock': '',
    '.git/shallow.lock': '',
  });
  const old = ['agentq/race-old', 'agentq/remote-x.json.1', 'agentq/unheard-of', 'objects/pack/tmp_pack_old'];
  const refs = [pid, process.pid].map((one) => `refs/agentq/tmp/${one}-00ff`);
  for (const name of [...old, ...refs, 'config.lock']) await age(box, `clone/.git/${name}`);
  const found = (await factsOf(box, 'clone')).leftovers;
  const ours = ['agentq/race-old', 'agentq/remote-x.json.1', 'objects/pack/tmp_pack_old', refs[0]];
  expect(
    found
      .filter(({ whose }) => whose === 'ours')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(ours.sort());
  expect(found.filter(({ whose }) => whose === 'gits').map(({ name }) => name)).toEqual(['config.lock']);

  expect(await removeOwnLeftovers(await box.open('clone'), Date.now())).toBe(ours.length);
  expect((await factsOf(box, 'clone')).leftovers).toMatchObject([{ name: 'config.lock' }]);
  expect(Object.keys(await box.refs('clone'))).toContain(refs[1]);
});
