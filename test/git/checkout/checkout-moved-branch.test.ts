import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { sized } from '../../kit/sample.ts';
import { BASE, BRANCH, CLAIM_A, expectClean, followIn, statusOf } from '../../kit/scene/checkout-scene.ts';
import type { Files } from '../../kit/scene/git-sandbox.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** How many land and follow at once; 20 take 8 s of processor time. */
const PROCESSES = sized(20, 8);

describe('followCheckout of a branch that moved under HEAD', () => {
  /** A repository without a remote, and a hand that lands changes in it. */
  async function local(box: Scene) {
    const dir = 'local';
    await box.git('.', 'init', '-q', dir);
    const from = await box.commit(dir, BASE);
    /** Lands a change as an agent would: built on the tip, without the checkout. */
    const land = async (change: Files) => {
      const expected = await box.git(dir, 'rev-parse', BRANCH);
      await box.git(dir, 'update-ref', 'refs/scratch', expected);
      const to = await box.commitTo(dir, 'refs/scratch', change);
      await box.git(dir, 'update-ref', '-d', 'refs/scratch');
      const upstream = openUpstream(await box.open(dir), undefined);
      expect(await upstream.push([{ ref: BRANCH, expected, to }])).toEqual({ kind: 'landed' });
      return { expected, to };
    };
    const follow = async (movedFrom: string, to: string, at = dir) =>
      followIn(await box.open(at), { branchRef: BRANCH, to, sync: false, movedFrom });
    return { dir, from, land, follow };
  }

  it('takes index and working tree along', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    const { expected, to } = await land(CLAIM_A);
    expect(await statusOf(box, dir)).not.toBe('');
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await statusOf(box, dir)).toBe('');
    expect(await box.read(dir, 'q/claimed/A.toon')).toBe('a claimed\n');
    await expectClean(box, dir);
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await statusOf(box, dir)).toBe('');
  });

  it('keeps work elsewhere, so that the next commit of the user has that and nothing else', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    await box.write(dir, { 'src/code': 'edited\n', 'src/new': 'staged\n', untracked: 'x' });
    await box.git(dir, 'add', 'src/new');
    const before = await statusOf(box, dir);
    const { expected, to } = await land(CLAIM_A);
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await statusOf(box, dir)).toBe(before);
    await box.git(dir, 'commit', '-q', '-a', '-m', 'mine');
    expect(await box.git(dir, 'diff-tree', '-r', '--name-only', '--no-commit-id', 'HEAD')).toBe('src/code\nsrc/new');
  });

  it('does not matter in which order many get there', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    const first = await land(CLAIM_A);
    const second = await land({ 'q/claimed/A.toon': 'a renewed\n', 'q/tasks/B.toon': 'b changed\n' });
    const third = await land({ 'q/claimed/A.toon': null, 'q/completed/A.toon': 'a done\n' });
    for (const { expected, to } of [third, first, second]) await follow(expected, to);
    expect(await statusOf(box, dir)).toBe('');
    expect(await box.files(dir, 'HEAD')).toMatchObject({ 'q/completed/A.toon': 'a done\n' });
    await expectClean(box, dir);
  });

  it('follows several moves of one file at once, from any of them', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    const moves = [
      await land(CLAIM_A),
      await land({ 'q/claimed/A.toon': 'a renewed\n' }),
      await land({ 'q/claimed/A.toon': 'a renewed again\n' }),
    ];
    const last = moves.at(-1);
    expect(await follow(last?.expected ?? '', last?.to ?? '')).toEqual({ kind: 'followed' });
    expect(await statusOf(box, dir)).toBe('');
    expect(await box.read(dir, 'q/claimed/A.toon')).toBe('a renewed again\n');
    await expectClean(box, dir);
  });

  it('makes up for a process that was killed between moving the branch and following', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    await land(CLAIM_A);
    const later = await land({ 'q/tasks/B.toon': 'b changed\n' });
    expect(await follow(later.expected, later.to)).toEqual({ kind: 'followed' });
    expect(await statusOf(box, dir)).toBe('');
    await expectClean(box, dir);
  });

  it('leaves an edited file, lets everything else follow, and the commit keeps the claim', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    await box.write(dir, { 'q/tasks/A.toon': 'my edit\n', 'src/code': 'edited\n' });
    const { expected, to } = await land({ ...CLAIM_A, 'q/tasks/B.toon': null, 'q/claimed/B.toon': 'b claimed\n' });
    const outcome = await follow(expected, to);
    expect(outcome).toEqual({ kind: 'dirty', reason: 'uncommitted changes are in the way: q/tasks/A.toon' });
    expect(await box.read(dir, 'q/tasks/A.toon')).toBe('my edit\n');
    expect(await statusOf(box, dir)).toBe(' M src/code\n?? q/tasks/A.toon');
    await box.git(dir, 'commit', '-q', '-a', '-m', 'mine');
    expect(await box.files(dir, 'HEAD')).toMatchObject({
      'q/claimed/A.toon': 'a claimed\n',
      'q/claimed/B.toon': 'b claimed\n',
    });
    expect(Object.keys(await box.files(dir, 'HEAD'))).not.toContain('q/tasks/A.toon');
  });

  it('shows an edited file against its new version', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    await box.write(dir, { 'q/tasks/A.toon': 'my edit\n' });
    const { expected, to } = await land({ 'q/tasks/A.toon': 'theirs\n', 'q/tasks/B.toon': 'theirs too\n' });
    expect(await follow(expected, to)).toMatchObject({ kind: 'dirty' });
    expect(await statusOf(box, dir)).toBe(' M q/tasks/A.toon');
    expect(await box.read(dir, 'q/tasks/A.toon')).toBe('my edit\n');
    expect(await box.read(dir, 'q/tasks/B.toon')).toBe('theirs too\n');
  });

  it('leaves a staged file staged', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    await box.write(dir, { 'q/tasks/A.toon': 'my edit\n' });
    await box.git(dir, 'add', '-A');
    const { expected, to } = await land({ 'q/tasks/A.toon': 'theirs\n', 'q/tasks/B.toon': 'theirs too\n' });
    expect(await follow(expected, to)).toMatchObject({ kind: 'dirty' });
    expect(await box.git(dir, 'show', ':q/tasks/A.toon')).toBe('my edit');
    expect(await box.read(dir, 'q/tasks/B.toon')).toBe('theirs too\n');
    expect(await statusOf(box, dir)).toBe('M  q/tasks/A.toon');
  });

  for (const [name, exclude] of [
    ['untracked', ''],
    ['ignored', 'claimed\n'],
  ] as const) {
    it(`never overwrites an ${name} file`, async () => {
      await using box = await scene();
      const { dir, land, follow } = await local(box);
      await writeFile(box.path(dir, '.git/info/exclude'), exclude);
      await box.write(dir, { 'q/claimed/A.toon': 'mine\n' });
      const { expected, to } = await land(CLAIM_A);
      expect(await follow(expected, to)).toMatchObject({ kind: 'dirty' });
      expect(await box.read(dir, 'q/claimed/A.toon')).toBe('mine\n');
      expect(await statusOf(box, dir)).toBe(' M q/claimed/A.toon');
    });
  }

  it('waits its turn: what a lock of git kept from following is made up for later', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    const { expected, to } = await land(CLAIM_A);
    await writeFile(box.path(dir, '.git/index.lock'), '');
    expect(await follow(expected, to)).toMatchObject({ kind: 'busy' });
    await box.run(box.path(dir), 'rm', ['.git/index.lock']);
    const later = await land({ 'q/tasks/B.toon': 'b changed\n' });
    expect(await follow(later.expected, later.to)).toEqual({ kind: 'followed' });
    expect(await statusOf(box, dir)).toBe('');
    await expectClean(box, dir);
  });

  it('takes another worktree along that has the branch checked out', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    await box.git(dir, 'checkout', '-q', '-b', 'feature');
    await box.git(dir, 'worktree', 'add', '-q', `../other-${dir}`, 'develop');
    const { expected, to } = await land(CLAIM_A);
    expect(await statusOf(box, `other-${dir}`)).not.toBe('');
    expect(await follow(expected, to)).toEqual({ kind: 'followed' });
    expect(await statusOf(box, `other-${dir}`)).toBe('');
    expect(await statusOf(box, dir)).toBe('');
    await expectClean(box, `other-${dir}`);
  });

  it('has nothing to do where the branch is not checked out', async () => {
    await using box = await scene();
    const { dir, land, follow } = await local(box);
    await box.git(dir, 'checkout', '-q', '-b', 'feature');
    const { expected, to } = await land(CLAIM_A);
    expect(await follow(expected, to)).toEqual({ kind: 'not-on-branch' });
    expect(await statusOf(box, dir)).toBe('');
    await expectClean(box, dir);
  });

  it('forgets a move that was rejected', async () => {
    await using box = await scene();
    const { dir, from } = await local(box);
    const upstream = openUpstream(await box.open(dir), undefined);
    const stray = await box.git(dir, 'commit-tree', `${from}^{tree}`, '-m', 'stray');
    expect(await upstream.push([{ ref: BRANCH, expected: stray, to: stray }])).toMatchObject({ kind: 'rejected' });
    await expectClean(box, dir);
  });

  it('keeps up with many processes that land and follow at once', async () => {
    await using box = await scene();
    const { dir } = await local(box);
    const agent = async (index: number) => {
      const repository = await box.open(dir);
      const upstream = openUpstream(repository, undefined);
      for (;;) {
        const expected = (await upstream.look(BRANCH, [])).tip ?? '';
        const scratch = `refs/scratch/${index}`;
        await box.git(dir, 'update-ref', scratch, expected);
        const to = await box.commitTo(dir, scratch, {
          [`q/claimed/N-${index}.toon`]: 'x\n',
          'q/counter': `${index}\n`,
        });
        const outcome = await upstream.push([{ ref: BRANCH, expected, to }]);
        if (outcome.kind !== 'landed') continue;
        await followIn(repository, { branchRef: BRANCH, to, sync: true, movedFrom: expected });
        return;
      }
    };
    await Promise.all(Array.from({ length: PROCESSES }, (_, index) => agent(index)));
    expect(await statusOf(box, dir)).toBe('');
    expect(await box.git(dir, 'rev-list', '--count', 'HEAD')).toBe(`${PROCESSES + 1}`);
    expect((await readdir(box.path(dir, 'q/claimed'))).length).toBe(PROCESSES);
  });
});
