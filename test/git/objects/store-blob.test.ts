import { writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { storeBlob } from '../../../src/git/objects/store-blob.ts';
import { scene } from '../../kit/scene/scene.ts';

const TEXT = 'seen: 2026-11-30T20:00:00Z\n';

it.each([
  ['without a process', undefined, 0],
  ['by git, where the repository says how objects are written', 'core.sharedRepository', 1],
])('writes what git finds under the same name, %s', async (_, setting, processes) => {
  await using box = await scene({ files: { top: 'top\n' }, clones: ['here'] });
  if (setting !== undefined) await box.git('here', 'config', setting, 'group');
  const log: string[][] = [];
  const repository = await box.open('here', { log });
  const before = log.length;

  const oid = await storeBlob(repository, Buffer.from(TEXT));

  expect(log.length - before).toBe(processes);
  expect(await box.git('here', 'cat-file', 'blob', oid)).toBe(TEXT.trim());
  await writeFile(box.path('blob'), TEXT);
  expect(await box.git('here', 'hash-object', box.path('blob'))).toBe(oid);
});
