import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Repositories that git made once in this process, for whoever wants the same again: a bare remote costs git 25 ms of
 * processor time in seven processes and a clone 30 ms, a copy costs 5 ms.
 */

/** A folder's entries in order, a folder before what is in it; content is undefined for a folder. */
export interface FolderCopy {
  readonly entries: readonly { readonly path: string; readonly mode: number; readonly content: Buffer | undefined }[];
  readonly bytes: number;
}

/** Larger folders are not worth their memory, and few tests have one. */
const MOST_BYTES = 1_000_000;
const MOST_COPIES = 200;

const copies = new Map<string, FolderCopy>();

export function copyOf(key: string): FolderCopy | undefined {
  return copies.get(key);
}

/** Keeps a folder's copy, where it is small and of nothing but files and folders. */
export function keepCopy(key: string, folder: string, edit: (path: string, content: Buffer) => Buffer): void {
  const copy = readFolder(folder);
  if (copy === undefined) return;
  const [oldest] = copies.keys();
  if (copies.size >= MOST_COPIES && oldest !== undefined) copies.delete(oldest);
  copies.set(key, edited(copy, edit));
}

export function edited(copy: FolderCopy, edit: (path: string, content: Buffer) => Buffer): FolderCopy {
  const entries = copy.entries.map((entry) => ({
    ...entry,
    content: entry.content === undefined ? undefined : edit(entry.path, entry.content),
  }));
  return { ...copy, entries };
}

export function writeFolder(folder: string, { entries }: FolderCopy): void {
  mkdirSync(folder);
  for (const { path, mode, content } of entries) {
    if (content === undefined) mkdirSync(join(folder, path));
    else writeFileSync(join(folder, path), content, { mode, flag: 'wx' });
  }
}

/** What a clone of a bare repository depends on; undefined where the folder is none, is large, or changes meanwhile. */
export function fingerprintOf(bare: string): string | undefined {
  const copy = readFolder(bare, (path) => path !== 'hooks');
  if (copy?.entries.some(({ path }) => path === 'HEAD') !== true) return undefined;
  const hash = createHash('sha1');
  for (const { path, content } of copy.entries) {
    hash.update(`${path}\0${content?.length ?? ''}\0`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest('hex');
}

function readFolder(folder: string, isWanted: (path: string) => boolean = () => true): FolderCopy | undefined {
  const entries: FolderCopy['entries'][number][] = [];
  let bytes = 0;
  const isRead = (at: string): boolean =>
    readdirSync(join(folder, at), { withFileTypes: true }).every((entry) => {
      const path = join(at, entry.name);
      if (!isWanted(path)) return true;
      if (!entry.isDirectory() && !entry.isFile()) return false;
      const { mode, size } = statSync(join(folder, path));
      bytes += size;
      if (bytes > MOST_BYTES) return false;
      const content = entry.isFile() ? readFileSync(join(folder, path)) : undefined;
      entries.push({ path, mode: mode & 0o777, content });
      return content !== undefined || isRead(path);
    });
  try {
    return isRead('') ? { entries, bytes } : undefined;
  } catch {
    // It is not there, or somebody works in it.
    return undefined;
  }
}

/**
 * The commit of a branch as its own file says it; undefined where only git can tell. Tests ask that some 5,000 times, and a
 * process costs 5 ms, most of it in the one that starts it.
 */
export function looseRef(dir: string, name: string): string | undefined {
  try {
    const isWorkTree = statSync(join(dir, '.git'), { throwIfNoEntry: false }) !== undefined;
    const gitDir = isWorkTree ? join(dir, '.git') : dir;
    const read = (ref: string): string | undefined => {
      const found = statSync(join(gitDir, ref), { throwIfNoEntry: false });
      return found?.isFile() ? readFileSync(join(gitDir, ref), 'utf8') : undefined;
    };
    // Where the folder is no repository, git looks in those above it.
    if (read('HEAD') === undefined) return undefined;
    const inFull = name.startsWith('refs/') ? name : `refs/heads/${name}`;
    const isOther = inFull !== name && (read(name) !== undefined || read(`refs/tags/${name}`) !== undefined);
    const [, oid] = /^([0-9a-f]{40}|[0-9a-f]{64})\n$/.exec((isOther ? undefined : read(inFull)) ?? '') ?? [];
    return oid;
  } catch {
    return undefined;
  }
}
