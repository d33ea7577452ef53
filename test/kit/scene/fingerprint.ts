import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { GitSandbox } from './git-sandbox.ts';

/**
 * What a claim may change in a clone that is not to follow: objects come in, and the remote's branches are seen to have
 * moved, as `git push` does it. A clone without a ref for the branch keeps the newest commit as a ref of ours; where
 * any other has been, git leaves the empty folder. What agentq remembers is in a folder of its own.
 */
const MAY_CHANGE =
  /^(objects|refs\/remotes|logs\/refs\/remotes)(\/|$)|^refs\/agentq(\/tips(\/.*)?)?$|^agentq$|^agentq\/(remote-[\w-]+\.json|readings-[\w-]+)$/;

/** Path to mode and content, of every file and folder. */
export type Fingerprint = Readonly<Record<string, string>>;

/**
 * Everything the user has in a working tree (or bare repository) and in git's folders: HEAD, index, refs, reflogs,
 * stash, configuration, merges in progress, every file, byte for byte. Two that are equal mean that nothing was
 * touched, and that nothing was left behind.
 */
export async function fingerprint(box: GitSandbox, dir: string): Promise<Fingerprint> {
  const paths = await box.git(dir, 'rev-parse', '--path-format=absolute', '--git-dir', '--git-common-dir');
  const [gitDir = '', commonDir = ''] = paths.split('\n');
  const found: Record<string, string> = {};
  if (box.path(dir) !== gitDir) await walk(box.path(dir), box.path(dir), 'tree/', found, () => false);
  await walk(commonDir, commonDir, 'git/', found, (path) => MAY_CHANGE.test(path) || path.startsWith('worktrees/'));
  if (gitDir !== commonDir) await walk(gitDir, gitDir, 'worktree-git/', found, () => false);
  return found;
}

/** Locks, notes, drafts and temporary refs: what a claim makes for itself must be gone when it is over. */
export function leftovers(print: Fingerprint): readonly string[] {
  return Object.keys(print).filter((path) => /^[\w-]*git\/.*(agentq|\.lock$|tmp)/.test(path));
}

/** The part of a fingerprint that a fast-forward must leave alone: the user's files except those of the queue. */
export function usersFiles(print: Fingerprint): Fingerprint {
  return Object.fromEntries(Object.entries(print).filter(([path]) => /^tree\/(?!\.agents)/.test(path)));
}

async function walk(
  root: string,
  folder: string,
  prefix: string,
  found: Record<string, string>,
  isLeftOut: (path: string) => boolean,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const path = relative(root, file);
    if (prefix === 'tree/' && path === '.git') continue;
    if (path === 'refs/agentq' && (await readdir(file)).some((one) => one !== 'tips'))
      found[`${prefix}${path}/`] = 'has refs';
    if (isLeftOut(path)) continue;
    const stat = await lstat(file);
    const mode = stat.mode.toString(8);
    if (stat.isDirectory()) {
      found[`${prefix}${path}/`] = mode;
      await walk(root, file, prefix, found, isLeftOut);
    } else {
      const content = stat.isSymbolicLink() ? await readlink(file) : await readFile(file);
      found[`${prefix}${path}`] = `${mode} ${createHash('sha256').update(content).digest('hex')}`;
    }
  }
}
