import { type FSWatcher, promises as fs, watch } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Repository } from '../repository/repository.ts';

/** Eyes on the files of a branch. */
export interface BranchWatch {
  /** Looks anew for folders that came or went. @returns whether there is anything to see. */
  rearm(): boolean;
  close(): void;
}

/**
 * Watches the files in which a repository on this machine keeps the branch, so that nobody has to ask for it all the time.
 * It only hints: `onHint` may be called for nothing, and on some file systems it is never called.
 *
 * @param remote name of the remote; undefined: the repository itself
 * @returns undefined where the branch is not on this machine
 */
export async function watchBranch(
  repository: Repository,
  remote: string | undefined,
  branchRef: string,
  onHint: () => void,
): Promise<BranchWatch | undefined> {
  const gitDir = remote === undefined ? repository.commonDir : await gitDirOf(repository, remote);
  if (gitDir === undefined) return undefined;
  const ref = join(gitDir, branchRef);
  const places: readonly Place[] = [
    { folder: dirname(ref), names: new Set([basename(ref)]) },
    // Where a repository keeps its branches in one file; reftable is git's newer form of it.
    { folder: gitDir, names: new Set(['packed-refs', 'reftable']) },
    { folder: join(gitDir, 'reftable'), names: undefined },
  ];
  let watchers: readonly FSWatcher[] = [];
  const close = (): void => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  return {
    rearm() {
      const before = watchers;
      watchers = places.flatMap((place) => startWatching(place, onHint));
      for (const watcher of before) watcher.close();
      return watchers.length > 0;
    },
    close,
  };
}

interface Place {
  readonly folder: string;
  /** Files that matter; undefined: all of them. */
  readonly names: ReadonlySet<string> | undefined;
}

/** Nothing where it cannot be watched: the folder is absent, or the system has no watches left (inotify's limit). */
function startWatching({ folder, names }: Place, onHint: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      // Some systems do not say which file it was.
      if (name === null || names === undefined || names.has(name)) onHint();
    });
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** The git directory of a remote on this machine. Its URL may be rewritten by the configuration: then nothing is found. */
async function gitDirOf(repository: Repository, remote: string): Promise<string | undefined> {
  const url = repository.remotes.get(remote)?.url;
  const path = url === undefined ? undefined : pathOf(url, repository.workTree ?? repository.gitDir);
  if (path === undefined) return undefined;
  for (const candidate of [path, join(path, '.git'), `${path}.git`]) {
    if ((await fs.stat(join(candidate, 'objects')).catch(() => undefined))?.isDirectory() === true) return candidate;
  }
  return undefined;
}

function pathOf(url: string, base: string): string | undefined {
  try {
    if (url.startsWith('file://')) return fileURLToPath(url);
  } catch {
    // A host in it, or something that is no path: git decides what that means.
    return undefined;
  }
  return /^[a-z][a-z0-9+.-]*::?\/\/|^[^/]+:/i.test(url) ? undefined : resolve(base, url);
}
