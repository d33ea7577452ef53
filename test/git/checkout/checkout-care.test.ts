import { execFileSync } from 'node:child_process';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Repository } from '../../../src/git/repository/repository.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { BRANCH, type CloneBehind, cloneBehind, followIn } from '../../kit/scene/checkout-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What is easily lost when a checkout follows: a switch at the wrong moment, the way back from a reset, another's index. */

const FILES = { 'q/tasks/A.toon': 'a\n', 'src/code': 'code\n' };

function behind(box: Scene): Promise<CloneBehind> {
  return cloneBehind(box, { files: FILES });
}

/** The repository as it is, and what somebody does right before the lock of the checkout is taken. */
function beforeTheLock(
  box: Scene,
  repository: Repository,
  act: (git: (...args: string[]) => void) => void,
): Repository {
  const git = (...args: string[]): void => {
    execFileSync('git', args, { cwd: repository.workTree, env: box.env, stdio: 'ignore' });
  };
  return {
    ...repository,
    get commonDir() {
      act(git);
      return repository.commonDir;
    },
  };
}

describe('a user who switches while somebody else holds the lock of the checkout', () => {
  it.each([
    ['to another branch', ['checkout', '-q', '-B', 'feature']],
    ['to a commit', ['checkout', '-q', '--detach']],
  ])('%s keeps it as it is', async (_, command) => {
    await using box = await scene();
    const { clone, from, to } = await behind(box);
    const repository = beforeTheLock(box, await box.open(clone), (git) => git(...command));
    expect(await followIn(repository, { to })).toEqual({ kind: 'not-on-branch' });
    expect(await box.git(clone, 'rev-parse', 'HEAD', BRANCH)).toBe(`${from}\n${from}`);
    expect(await box.read(clone, 'q/tasks/A.toon')).toBe('a\n');
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  });

  it('back to the branch is followed', async () => {
    await using box = await scene();
    const { clone, to } = await behind(box);
    const repository = beforeTheLock(box, await box.open(clone), (git) => {
      git('checkout', '-q', '-B', 'feature');
      git('checkout', '-q', 'develop');
    });
    expect(await followIn(repository, { to })).toEqual({ kind: 'followed' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(to);
  });
});

describe('ORIG_HEAD', () => {
  it.each([
    ['after a checkout that followed', {}, 'followed'],
    ['after one that could not', { 'q/tasks/A.toon': 'edited\n' }, 'dirty'],
  ] as const)('is what it was, %s', async (_, edits, kind) => {
    await using box = await scene();
    const { clone, from, to } = await behind(box);
    await box.write(clone, edits);
    const mine = await box.git(clone, 'commit-tree', `${from}^{tree}`, '-m', 'what a reset left');
    await box.git(clone, 'update-ref', 'ORIG_HEAD', mine);
    expect(await followIn(await box.open(clone), { to })).toMatchObject({ kind });
    expect(await box.git(clone, 'rev-parse', 'ORIG_HEAD')).toBe(mine);
  });

  it.each([
    ['after a checkout that followed', {}, 'followed'],
    ['after one that could not', { 'q/tasks/A.toon': 'edited\n' }, 'dirty'],
  ] as const)('is not there where it was not, %s', async (_, edits, kind) => {
    await using box = await scene();
    const { clone, to } = await behind(box);
    await rm(box.path(clone, '.git/ORIG_HEAD'), { force: true });
    await box.write(clone, edits);
    expect(await followIn(await box.open(clone), { to })).toMatchObject({ kind });
    expect(await readdir(box.path(clone, '.git'))).not.toContain('ORIG_HEAD');
  });
});

describe('a clone whose branch has no commit yet', () => {
  async function unborn(box: Scene) {
    await box.git('.', 'init', '-q', '--bare', '--initial-branch=develop', 'empty.git');
    const clone = await box.clone('empty.git', 'unborn');
    const to = await box.commitTo('empty.git', BRANCH, { 'q/A.toon': 'theirs\n' });
    await openUpstream(await box.open(clone), 'origin').fetchCommit(BRANCH, to);
    return { clone, to };
  }
  const left = { kind: 'dirty', reason: 'the local branch has no commit yet, and the folder is not empty' };

  it('follows where there is nothing to lose', async () => {
    await using box = await scene();
    const { clone, to } = await unborn(box);
    expect(await followIn(await box.open(clone), { to })).toEqual({ kind: 'followed' });
    expect(await box.read(clone, 'q/A.toon')).toBe('theirs\n');
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  });

  it.each([
    ['untracked', '', 'q/A.toon'],
    ['ignored', 'q\n', 'q/A.toon'],
    ['hidden', '.*\n', '.env'],
  ])('keeps an %s file', async (_, exclude, path) => {
    await using box = await scene();
    const { clone, to } = await unborn(box);
    await writeFile(box.path(clone, '.git/info/exclude'), exclude);
    await box.write(clone, { [path]: 'mine\n' });
    expect(await followIn(await box.open(clone), { to })).toEqual(left);
    expect(await box.read(clone, path)).toBe('mine\n');
    expect((await box.tryGit(clone, 'rev-parse', '-q', '--verify', 'HEAD')).exitCode).not.toBe(0);
  });

  it('keeps what is staged and nowhere else', async () => {
    await using box = await scene();
    const { clone, to } = await unborn(box);
    await box.write(clone, { mine: 'mine\n' });
    await box.git(clone, 'add', 'mine');
    await rm(box.path(clone, 'mine'));
    expect(await followIn(await box.open(clone), { to })).toEqual(left);
    expect(await box.git(clone, 'show', ':mine')).toBe('mine');
  });
});

describe('an index that git gave to a hook of the user', () => {
  it.each([
    ['of a remote branch', undefined],
    ['of a branch that moved under HEAD', 'moved'],
  ])('is not written by a checkout that follows, %s', async (_, moved) => {
    await using box = await scene();
    const { clone, from, to } = await behind(box);
    const index = box.path('hook-index');
    await copyFile(box.path(clone, '.git/index'), index);
    const before = await readFile(index);
    if (moved !== undefined) await box.git(clone, 'update-ref', BRANCH, to);
    const repository = await box.open(clone, { env: { GIT_INDEX_FILE: index } });
    expect(await followIn(repository, { to, ...(moved === undefined ? {} : { movedFrom: from }) })).toEqual({
      kind: 'followed',
    });
    expect(await readFile(index)).toEqual(before);
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');
    expect(await box.read(clone, 'q/claimed/A.toon')).toBe('a claimed\n');
  });
});
