import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { objectBytes } from '../../../src/git/objects/loose-objects.ts';
import { packOf } from '../../../src/git/objects/pack.ts';
import type { MadeObject } from '../../../src/git/repository/made-objects.ts';
import { scene } from '../../kit/scene/scene.ts';

/** Around each size at which the header of an entry grows, and at which objects are compressed. */
const SIZES = [0, 1, 15, 16, 2_047, 2_048, 16_383, 16_384, 70_000, 262_144];

function objectOf(type: 'blob' | 'tree' | 'commit', content: Buffer): MadeObject {
  const bytes = objectBytes(type, content);
  return { oid: createHash('sha1').update(bytes).digest('hex'), bytes };
}

it('a pack has its objects, each once, as git reads it', async () => {
  await using box = await scene();
  const tree = objectOf('tree', Buffer.alloc(0));
  const person = 'A <a@example.com> 1700000000 +0000';
  const commit = objectOf('commit', Buffer.from(`tree ${tree.oid}\nauthor ${person}\ncommitter ${person}\n\nempty\n`));
  const blobs = SIZES.map((size) => objectOf('blob', Buffer.alloc(size, 'abcdefg\n')));
  await writeFile(box.path('made.pack'), await packOf([...blobs, tree, commit, ...blobs]));
  await box.git('.', 'index-pack', '--strict', box.path('made.pack'));
  const listing = await box.git('.', 'verify-pack', '-v', box.path('made.idx'));
  const found = [...listing.matchAll(/^([0-9a-f]{40}) (\w+) +(\d+) /gm)].map(([, oid, type, size]) => [
    oid,
    type,
    size,
  ]);
  const expected = blobs.map(({ oid }, index) => [oid, 'blob', String(SIZES[index])]);
  const size = String(commit.bytes.length - commit.bytes.indexOf(0) - 1);
  expect(found.toSorted()).toEqual([...expected, [tree.oid, 'tree', '0'], [commit.oid, 'commit', size]].toSorted());
});
