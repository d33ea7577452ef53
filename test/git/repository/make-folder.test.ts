import { existsSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeFolder } from '../../../src/git/repository/make-folder.ts';
import { scene } from '../../kit/scene/scene.ts';

it('makes what is missing, and leaves what is there', async () => {
  await using box = await scene({});
  makeFolder(box.path('a/b/c'));
  makeFolder(box.path('a/b/c'));
  expect(statSync(box.path('a/b/c')).isDirectory()).toBe(true);
  await box.write('.', { file: '' });
  expect(() => makeFolder(box.path('file'))).toThrow('EEXIST');
  expect(() => makeFolder(box.path('file/x/y'))).toThrow('ENOTDIR');
});

it.runIf(existsSync('/proc/self'))('says that a place can have no folders, where node would try for ever', () => {
  expect(() => makeFolder('/proc/nope')).toThrow('ENOENT');
  expect(() => makeFolder('/proc/nope/x/y')).toThrow('ENOENT');
});
