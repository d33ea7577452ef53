import { type FSWatcher, promises as fs, watch } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Repository } from '../repository/repository.ts';

/** Watches the files of a branch. */
export interface BranchWatch {
  /** Looks again for folders that appeared or vanished. @returns whether anything is watched */
  rearm(): boolean;
  close(): void;
}

/**
 * Watches the files in which a repository on this machine keeps the branch, so that agentq need not poll it. It only
 * gives hints: `onHint` may be called without a change, and on some file systems it is never called.
 *
 * @param remote name of the remote; undefined: the repository itself
 * @returns undefined if the branch is not on this machine
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
    // A repository may keep its branches in one file; reftable is git's newer form of it.
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

/** Empty if the folder cannot be watched: it is absent, or the system has no watches left (inotify's limit). */
function startWatching({ folder, names }: Place, onHint: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, name) => {
      // Some systems do not say which file changed.
      if (name === null || names === undefined || names.has(name)) onHint();
    });
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** The git directory of a remote on this machine. If the configuration rewrites its URL, nothing is found. */
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
    // It has a host, or is not a path: git decides what it means.
    return undefined;
  }
  return /^[a-z][a-z0-9+.-]*::?\/\/|^[^/]+:/i.test(url) ? undefined : resolve(base, url);
}
