import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommitSpec, TreeChange } from '../../../src/git/objects/commit-spec.ts';
import { buildCommits } from '../../../src/git/objects/fast-import.ts';
import { buildLoose } from '../../../src/git/objects/loose-commits.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { commitOf, written } from '../../kit/commit-of.ts';
import { sized } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Names that sort differently as a file and as a folder, and some that are not ASCII. */
const base = {
  'a/one.toon': 'one\n',
  'a/two.toon': 'two\n',
  'a.b': 'between a and a/\n',
  a0: 'after a/\n',
  'b/deep/three': '3',
  'ümläut/ß': 'x',
  top: 'top\n',
};

async function loose(box: Scene, dir: string, parent: string, ...commits: readonly CommitSpec[]) {
  const repository = await box.open(dir);
  const objects = openObjects(repository);
  try {
    return await buildLoose(repository, objects, parent, commits);
  } finally {
    await objects.close();
  }
}

const path = fc.constantFrom(
  ...Object.keys(base),
  ...[
    'a',
    'a/new',
    'a/sub/x',
    'b',
    'b/deep',
    'new/folder/file',
    'new',
    'A',
    'ü',
    'ümläut/z',
    'top/under a file',
    '"q\\',
  ],
);
const change: fc.Arbitrary<TreeChange> = fc.oneof(
  fc.record({ path, mode: fc.constantFrom('100644', '100755'), content: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ path, delete: fc.constant(true as const) }),
  fc.record({ from: path, to: path }),
);
const chain = fc.array(
  fc.record({ changes: fc.array(change, { maxLength: 4 }), message: fc.string({ unit: 'grapheme' }) }),
  { minLength: 1, maxLength: 3 },
);

describe('buildLoose', () => {
  it('makes the very commits that fast-import makes, or leaves it to make them', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    let built = 0;
    await fc.assert(
      fc.asyncProperty(chain, async (commits) => {
        const specs = commits.map(({ changes, message }) =>
          commitOf(changes, { message: message.replaceAll('\0', '') }),
        );
        const ours = await loose(box, 'clone', tip, ...specs);
        if (ours === undefined) return;
        built++;
        expect(ours).toEqual(await buildCommits(await box.open('clone'), tip, specs));
      }),
      { numRuns: sized(600, 60) },
    );
    expect(built).toBeGreaterThan(5);
    expect(await box.git('clone', 'fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('touches no ref and leaves nothing but objects', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const before = await box.refs('clone');
    const [id = ''] = (await loose(box, 'clone', tip, commitOf([{ from: 'a/one.toon', to: 'c/one.toon' }]))) ?? [];
    const { 'a/one.toon': one, ...rest } = base;
    expect(await box.files('clone', id)).toEqual({ ...rest, 'c/one.toon': one });
    expect(await box.refs('clone')).toEqual(before);
    const left = await readdir(box.path('clone/.git/objects'), { recursive: true });
    expect(left.filter((name) => name.includes('tmp_obj'))).toEqual([]);
  });

  it('starts no process of its own, and reads each folder once', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const log: string[][] = [];
    const repository = await box.open('clone', { log });
    const objects = openObjects(repository);
    const before = log.length;
    await buildLoose(repository, objects, tip, [
      commitOf([written('a/one.toon', '1')]),
      commitOf([written('a/x', '2')]),
    ]);
    await objects.close();
    expect(log.slice(before)).toEqual([]);
  });

  it('works on SHA-256, in a linked worktree, and in shallow and partial clones', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    await box.bareRemote(base, { name: 'sha256.git', format: 'sha256' });
    const long = await box.git('sha256.git', 'rev-parse', 'develop');
    await box.git('clone', 'worktree', 'add', '-q', '--detach', '../linked');
    await box.clone('remote.git', 'shallow', '--depth=1');
    await box.clone('remote.git', 'blobless', '--filter=blob:none', '--no-checkout');
    await box.clone('remote.git', 'treeless', '--filter=tree:0', '--no-checkout');
    for (const dir of ['sha256.git', 'linked', 'shallow', 'blobless', 'treeless']) {
      const parent = dir === 'sha256.git' ? long : tip;
      const specs = [commitOf([{ from: 'a/one.toon', to: 'c/one.toon' }, written('c/two', '2')])];
      const ours = await loose(box, dir, parent, ...specs);
      expect(ours, dir).toEqual(await buildCommits(await box.open(dir), parent, specs));
    }
  });

  it.each([
    ['core.sharedRepository', 'group'],
    ['core.fsync', 'loose-object'],
  ])('is not for a repository with %s', async (key, value) => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const dir = `special-${value}`;
    await box.clone('remote.git', dir);
    await box.git(dir, 'config', key, value);
    expect(await loose(box, dir, tip, commitOf([written('x', 'y')]))).toBeUndefined();
  });

  it('is not for long chains, large folders, nor for blobs that may not exist', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const many = Array.from({ length: 9 }, (_, index) => commitOf([written('x', `${index}`)]));
    expect(await loose(box, 'clone', tip, ...many)).toBeUndefined();
    expect(
      await loose(box, 'clone', tip, commitOf([{ path: 'x', mode: '100644', oid: '1'.repeat(40) }])),
    ).toBeUndefined();
    const names = Array.from({ length: 9000 }, (_, index) => [`large/file-${index}`, 'x'] as const);
    const large = await box.commitTo('remote.git', 'refs/heads/large', Object.fromEntries(names));
    await box.git('clone', 'fetch', '-q', 'origin', 'large');
    expect(await loose(box, 'clone', large, commitOf([written('large/new', 'y')]))).toBeUndefined();
  });

  it('lets many build in one clone at once', async () => {
    await using box = await scene({ files: base, clones: ['clone'] });
    const tip = await box.tip();
    const built = await Promise.all(
      Array.from({ length: 20 }, (_, index) => loose(box, 'clone', tip, commitOf([written(`n/${index % 5}`, 'x')]))),
    );
    expect(new Set(built.flat()).size).toBe(5);
    expect(await box.git('clone', 'fsck', '--strict', '--no-dangling')).toBe('');
  });
});
