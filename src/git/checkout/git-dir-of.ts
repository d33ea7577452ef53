import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The git directory of a working tree, without asking git; also of a linked one.
 * @param workTree its top
 * @returns undefined if there is none
 */
export function gitDirOf(workTree: string): string | undefined {
  const path = resolve(workTree, '.git');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isDirectory()) return stat && path;
  const [, target] = /^gitdir: (.+?)\r?\n?$/.exec(readFileSync(path, 'utf8')) ?? [];
  return target === undefined ? undefined : resolve(workTree, target);
}
