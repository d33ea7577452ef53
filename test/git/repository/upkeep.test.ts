import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LooseObjects } from '../../../src/git/objects/loose-objects.ts';
import { startUpkeep } from '../../../src/git/repository/upkeep.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH, remoteAndClone } from '../../kit/scene/upstream-scene.ts';

/** Git counts the loose objects in the folder 17 alone: three there are taken for 768 in all. */
const LIMIT = '512';

/** Three objects that no ref reaches, in the folder that git counts. @returns their ids */
async function manyLooseObjects(box: Scene, clone: string): Promise<readonly string[]> {
  const store = LooseObjects.of(await box.open(clone));
  if (store === undefined) throw new Error('this repository is special');
  const objects = Array.from({ length: 3_000 }, (_, index) => store.make('blob', Buffer.from(`${index}`)));
  const counted = objects.filter(({ oid }) => oid.startsWith('17')).slice(0, 3);
  expect(await store.write(counted)).toBe('written');
  return counted.map(({ oid }) => oid);
}

/** A clone in which much is loose, with a limit of the user's. */
async function untidy(box: Scene) {
  const { remote, clone } = await remoteAndClone(box);
  await box.git(clone, 'config', 'gc.auto', LIMIT);
  const oids = await manyLooseObjects(box, clone);
  const counts = async (): Promise<Record<string, number>> => {
    const lines = (await box.git(clone, 'count-objects', '-v')).split('\n');
    return Object.fromEntries(
      lines.map((line) => line.split(': ')).map(([name = '', value]): [string, number] => [name, Number(value)]),
    );
  };
  return { remote, clone, oids, counts };
}

/** As if the last start had been that long ago. */
async function ago(box: Scene, path: string, ms: number): Promise<void> {
  const { mtimeMs } = await stat(box.path(path));
  await utimes(box.path(path), (mtimeMs - ms) / 1000, (mtimeMs - ms) / 1000);
}

/** Until git, which runs by itself, has done it. */
const soon = { timeout: 60_000, interval: 50 };

describe('startUpkeep', () => {
  it('packs what is loose, removes it the next time, and loses nothing that no ref reaches', async () => {
    await using box = await scene();
    const { clone, oids, counts } = await untidy(box);
    const log: string[][] = [];
    const repository = await box.open(clone, { log });
    expect(startUpkeep(repository)).toBe('started');
    expect(log.at(-1)).toEqual(['maintenance', 'run', '--quiet', '--task=loose-objects']);
    await expect.poll(async () => (await counts())['prune-packable'], soon).toBeGreaterThanOrEqual(3);
    await expect
      .poll(() => stat(box.path(clone, '.git/objects/maintenance.lock')).catch(() => 'gone'), soon)
      .toBe('gone');

    expect(startUpkeep(repository)).toBe('not-due');
    await ago(box, `${clone}/.git/agentq/upkeep`, 11 * 60_000);
    expect(startUpkeep(repository)).toBe('started');
    await expect.poll(async () => (await counts()).count, soon).toBe(0);
    for (const oid of oids) expect(await box.git(clone, 'cat-file', '-t', oid)).toBe('blob');
    expect(startUpkeep(repository)).toBe('not-due');
  });

  it.each([
    ['gc.auto', '0'],
    ['gc.auto', '-1k'],
    ['maintenance.auto', 'false'],
    ['maintenance.strategy', 'incremental'],
    ['gc.autoDetach', 'no'],
  ])('leaves it to a user who has set %s to %s', async (key, value) => {
    await using box = await scene();
    const { clone } = await untidy(box);
    await box.git(clone, 'config', key, value);
    expect(startUpkeep(await box.open(clone))).toBe('left-to-user');
  });

  it('has nothing to do in an ordinary clone, by git’s own limits', async () => {
    await using box = await scene();
    const { clone } = await untidy(box);
    await box.git(clone, 'config', '--unset', 'gc.auto');
    expect(startUpkeep(await box.open(clone))).toBe('not-due');
  });

  it('waits for a git that is at it, but not for one that was killed', async () => {
    await using box = await scene();
    const { clone } = await untidy(box);
    const repository = await box.open(clone);
    const lock = `${clone}/.git/objects/maintenance.lock`;
    await writeFile(box.path(lock), '');
    expect(startUpkeep(repository)).toBe('under-way');
    await ago(box, lock, 25 * 60 * 60_000);
    expect(startUpkeep(repository)).toBe('started');
  });

  it.each([
    ['joins many packs', [], 'started'],
    ['leaves those of a partial clone as they are', ['--filter=blob:none'], 'not-due'],
  ] as const)('%s', async (_name, cloning, outcome) => {
    await using box = await scene();
    const { clone } = await remoteAndClone(box, { cloning });
    for (const text of ['one', 'two']) {
      await box.commit(clone, { text });
      await box.git(clone, 'repack', '-q', '-d');
    }
    // Only now: `git commit` begins an upkeep of its own.
    await box.git(clone, 'config', 'gc.autoPackLimit', '1');
    const log: string[][] = [];
    expect(startUpkeep(await box.open(clone, { log }))).toBe(outcome);
    const started = log.filter(([command]) => command === 'maintenance').map((args) => args.at(-1));
    expect(started).toEqual(outcome === 'started' ? ['--task=incremental-repack'] : []);
    await expect.poll(() => box.git(clone, 'fsck'), soon).toBe('');
  });
});

it('is begun by an upstream that has added objects, when it is left, and not before', async () => {
  await using box = await scene();
  const { remote, clone } = await untidy(box);
  await mkdir(box.path(clone, '.git/objects/pack'), { recursive: true });
  // What a killed git has left.
  await writeFile(box.path(clone, '.git/objects/pack/tmp_pack_left'), '');
  const log: string[][] = [];
  const open = async () => openUpstream(await box.open(clone, { log }), 'origin');
  const begun = () => log.filter(([command]) => command === 'maintenance').length;
  const idle = await open();
  await idle.look(BRANCH, []);
  await idle.tidy?.();
  expect(begun()).toBe(0);
  const busy = await open();
  await busy.fetchCommit(BRANCH, await box.commitTo(remote, BRANCH, { text: 'more' }));
  expect(begun()).toBe(0);
  await busy.tidy?.();
  expect(begun()).toBe(1);
  expect(await stat(box.path(clone, '.git/objects/pack/tmp_pack_left')).catch(() => 'gone')).toBe('gone');
});
