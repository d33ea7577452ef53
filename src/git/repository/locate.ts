import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseConfigFile, type Setting } from './git-config.ts';

/** What a few files say about a repository, without a git process. */
export interface Located {
  /** Its own settings, in order; undefined if its files do not contain all of them. */
  readonly settings: readonly Setting[] | undefined;
  /** The branch that HEAD names, such as `refs/heads/develop`; undefined if HEAD is detached. */
  readonly head: string | undefined;
  /** Absolute; shared by all worktrees. */
  readonly commonDir: string;
}

/**
 * Finds the repository that `dir` is in by looking for `.git`, as git does, and reads what processes must have in
 * common for one of them to lead the others. Used only to group processes: anything unusual gives undefined, and git
 * decides.
 *
 * Reads synchronously, like all code that reads small files in every command: the first asynchronous read makes node
 * start its threads, which takes 3 ms.
 */
export function locate(dir: string): Located | undefined {
  try {
    for (let at = resolve(dir); ; at = dirname(at)) {
      const gitDir = gitDirOf(at);
      if (gitDir !== undefined) return read(gitDir);
      if (dirname(at) === at) return undefined;
    }
  } catch {
    return undefined;
  }
}

function gitDirOf(folder: string): string | undefined {
  const dotGit = join(folder, '.git');
  const found = statSync(dotGit, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return dotGit;
  if (found?.isFile() === true) {
    // A linked worktree or a submodule: `gitdir: <path>`.
    const path = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1];
    return path === undefined ? undefined : resolve(folder, path);
  }
  const hasHead = statSync(join(folder, 'HEAD'), { throwIfNoEntry: false }) !== undefined;
  const isBare = hasHead && statSync(join(folder, 'objects'), { throwIfNoEntry: false })?.isDirectory() === true;
  return isBare ? folder : undefined;
}

function read(gitDir: string): Located {
  const common = readIfThere(join(gitDir, 'commondir')).trim();
  const commonDir = resolve(gitDir, common === '' ? '.' : common);
  const shared = parseConfigFile(readFileSync(join(commonDir, 'config'), 'utf8'));
  const own = parseConfigFile(readIfThere(join(gitDir, 'config.worktree')));
  const head = readFileSync(join(gitDir, 'HEAD'), 'utf8');
  return { settings: shared && own && [...shared, ...own], head: /^ref: (\S+)/.exec(head)?.[1], commonDir };
}

function readIfThere(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(path, 'utf8');
}
