import { chmod, readdir, rm, truncate, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { HandOver } from '../../../src/git/checkout/hand-over.ts';
import { followHandedPack, type HandedPack } from '../../../src/git/checkout/handed-pack.ts';
import { handyCheckout } from '../../../src/git/checkout/handy-checkout.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { locate } from '../../../src/git/repository/locate.ts';
import { BASE, BRANCH, CLAIM_A, expectClean, statusOf } from '../../kit/scene/checkout-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** A leader that has two commits more than the remote's clones. */
async function led(box: Scene) {
  const remote = await box.bareRemote(BASE, { name: 'remote.git' });
  const leader = await box.clone(remote, 'leader');
  const from = await box.git(leader, 'rev-parse', 'HEAD');
  const first = await box.commit(leader, CLAIM_A);
  const tip = await box.commit(leader, { 'q/claimed/A.toon': 'a renewed\n', 'q/tasks/B.toon': null });
  return { remote, leader, from, first, tip };
}

async function packOf(
  box: Scene,
  leader: string,
  ...[commits, base, from]: Parameters<HandOver['pack']>
): Promise<HandedPack | undefined> {
  const repository = await box.open(leader);
  const objects = openObjects(repository);
  return new HandOver(repository, objects).pack(commits, base, from).finally(() => objects.close());
}

function follow(box: Scene, dir: string, pack: HandedPack) {
  const located = locate(box.path(dir));
  if (located === undefined) throw new Error(`${dir} is no repository`);
  return followHandedPack({ dir: box.path(dir), env: box.env }, located, BRANCH, pack);
}

function headOf(box: Scene, dir: string): string | undefined {
  const located = locate(box.path(dir));
  return located && handyCheckout(located, BRANCH, { dir: box.path(dir), env: box.env })?.head;
}

describe('a pack that is handed over', () => {
  it('brings a clone to the newest commit that it has never fetched', async () => {
    await using box = await scene();
    const { remote, leader, from, first, tip } = await led(box);
    const clone = await box.clone(remote, 'clone');
    await box.write(clone, { untracked: 'x', 'src/code': 'edited\n' });
    expect(headOf(box, clone)).toBe(from);
    // In any order, as answers come.
    const pack = await packOf(box, leader, [tip, first], from, from);
    expect(pack).toMatchObject({ tip, from });
    expect(pack && (await follow(box, clone, pack))).toEqual({ kind: 'followed' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(tip);
    expect(await box.read(clone, 'q/claimed/A.toon')).toBe('a renewed\n');
    expect(await statusOf(box, clone)).toBe(' M src/code\n?? untracked');
    expect(await box.git(clone, 'fsck', '--strict', '--no-dangling')).toBe('');
    await expectClean(box, clone);
    // Taken twice, as by a process that was killed in between.
    await box.git(clone, 'reset', '-q', '--keep', from);
    expect(pack && (await follow(box, clone, pack))).toEqual({ kind: 'followed' });
  });

  it('leaves a checkout in which something is in the way', async () => {
    await using box = await scene();
    const { remote, leader, from, tip } = await led(box);
    const clone = await box.clone(remote, 'clone');
    await box.write(clone, { 'q/tasks/B.toon': 'edited\n' });
    const pack = await packOf(box, leader, [tip], from, from);
    expect(pack && (await follow(box, clone, pack))).toMatchObject({ kind: 'dirty' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(from);
    expect(await box.read(clone, 'q/tasks/B.toon')).toBe('edited\n');
  });

  const elsewhere: Record<string, (box: Scene, clone: string) => Promise<unknown>> = {
    'has a commit of its own': (box, clone) => box.commit(clone, { mine: 'x' }),
    'is on another branch': (box, clone) => box.git(clone, 'checkout', '-q', '-b', 'feature'),
    'is detached': (box, clone) => box.git(clone, 'checkout', '-q', '--detach'),
    'is merging': (box, clone) => box.write(clone, { '.git/MERGE_HEAD': `${'0'.repeat(40)}\n` }),
    'is in a clone that says it is partial': (box, clone) => box.git(clone, 'config', 'remote.origin.promisor', 'true'),
    'is in a clone that says it is shallow': (box, clone) =>
      box.write(clone, { '.git/shallow': `${'1'.repeat(40)}\n` }),
    'has objects in other places': (box, clone) =>
      box.write(clone, { '.git/objects/info/alternates': `${box.path('remote.git')}/objects\n` }),
  };
  const damaged: Record<string, (pack: HandedPack) => Promise<unknown>> = {
    'that is cut short': async ({ path }) => {
      await chmod(`${path}.pack`, 0o600);
      await truncate(`${path}.pack`, 40);
    },
    'whose index is gone': ({ path }) => rm(`${path}.idx`),
    'in a folder that others can write': ({ path }) => chmod(path.slice(0, path.lastIndexOf('/')), 0o777),
  };
  it.each([
    ...Object.entries(elsewhere).map(([name, make]) => [`a checkout that ${name}`, make, undefined] as const),
    ...Object.entries(damaged).map(([name, make]) => [`a pack ${name}`, undefined, make] as const),
  ])('does nothing for %s', async (_, prepare, damage) => {
    await using box = await scene();
    const { remote, leader, from, tip } = await led(box);
    const clone = await box.clone(remote, 'clone');
    const pack = await packOf(box, leader, [tip], from, from);
    if (pack === undefined) throw new Error('nothing was handed over');
    await prepare?.(box, clone);
    await damage?.(pack);
    const before = await box.git(clone, 'rev-parse', 'HEAD', 'develop');
    const packs = await readdir(box.path(clone, '.git/objects/pack'));
    expect(await follow(box, clone, pack)).toBeUndefined();
    expect(await box.git(clone, 'rev-parse', 'HEAD', 'develop')).toBe(before);
    expect(await readdir(box.path(clone, '.git/objects/pack'))).toEqual(packs);
    expect((await readdir(box.path(clone, '.git'))).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('does nothing in a linked worktree or with SHA-256', async () => {
    await using box = await scene();
    const { remote } = await led(box);
    const clone = await box.clone(remote, 'clone');
    await box.git(clone, 'checkout', '-q', '--detach');
    await box.git(clone, 'worktree', 'add', '-q', '../linked', 'develop');
    expect(headOf(box, 'linked')).toBeUndefined();
    await box.bareRemote(BASE, { name: 'large.git', format: 'sha256' });
    await box.clone('large.git', 'large');
    expect(headOf(box, 'large')).toBeUndefined();
  });

  it('is not made for a commit that the branch is not known to have come from', async () => {
    await using box = await scene();
    const { remote, leader, from, first, tip } = await led(box);
    const stray = await box.git(leader, 'commit-tree', `${from}^{tree}`, '-m', 'stray');
    expect(await packOf(box, leader, [tip], first, stray)).toBeUndefined();
    expect(await packOf(box, leader, [tip], first, '1'.repeat(40))).toBeUndefined();
    // A clone that is some commits behind the base is served all the same.
    const pack = await packOf(box, leader, [tip], first, from);
    const clone = await box.clone(remote, 'clone');
    expect(pack && (await follow(box, clone, pack))).toEqual({ kind: 'followed' });
    expect(await box.git(clone, 'rev-parse', 'HEAD')).toBe(tip);
  });

  it('goes away when the next one is made, if it is older than a minute', async () => {
    await using box = await scene();
    const { leader, from, first, tip } = await led(box);
    const old = await packOf(box, leader, [first], from, from);
    const young = await packOf(box, leader, [tip], first, first);
    for (const end of ['.pack', '.idx']) await utimes(`${old?.path}${end}`, 1e9, 1e9);
    const next = await packOf(box, leader, [tip], from, from);
    const kept = await readdir(box.path(leader, '.git/agentq/packs'));
    const names = [young, next].flatMap((pack) => pack?.path.split('/').at(-1) ?? []);
    expect(kept.filter((name) => /\.(pack|idx)$/.test(name)).sort()).toEqual(
      names.flatMap((name) => [`${name}.idx`, `${name}.pack`]).sort(),
    );
  });
});
