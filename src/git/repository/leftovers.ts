import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** How old (ms) a file that is meant to live for a moment must be to be taken for one of a killed process. */
const LEFT_BEHIND_MS = 60_000;

/**
 * Removes files that killed processes left in the folder: those that the pattern names and that have been there for a
 * minute, by the clock of the file system that `reference`, a file made just now, was written to. Never throws.
 */
export async function sweepLeftovers(folder: string, pattern: RegExp, reference: string): Promise<void> {
  try {
    const now = (await fs.stat(reference)).mtimeMs;
    for (const name of await fs.readdir(folder)) {
      if (!pattern.test(name)) continue;
      const path = join(folder, name);
      if (now - (await fs.stat(path)).mtimeMs > LEFT_BEHIND_MS) await fs.rm(path, { force: true });
    }
  } catch {
    // Another process sweeps too, or the folder cannot be written to.
  }
}

/** What git calls a pack, an index or an object while it writes them. */
const DRAFT = /^tmp_(?:pack|idx|rev|obj)_/;

/** How long (ms) a draft that nobody has open must stay as it is: git closes one a moment before it renames it. */
const MOMENT_MS = 250;

/**
 * Removes the drafts of packs and objects that a git of ours left in the clone when it failed or was ended: git itself
 * takes them for alive for two weeks. Any draft of this user is taken that no process has open, twice in a row; where the
 * system does not tell who has a file open, none is. Never throws.
 */
export async function sweepDrafts({ commonDir }: Pick<Repository, 'commonDir'>): Promise<void> {
  try {
    const before = await idleDrafts(commonDir);
    if (before.size === 0) return;
    await new Promise((resolve) => setTimeout(resolve, MOMENT_MS));
    const after = await idleDrafts(commonDir);
    for (const [path, state] of after) if (before.get(path) === state) await fs.rm(path, { force: true });
  } catch {
    // Another process sweeps too, or nothing can be removed here.
  }
}

/** Drafts that no process has open, each with what it looks like now. */
async function idleDrafts(commonDir: string): Promise<ReadonlyMap<string, string>> {
  const objects = await fs.realpath(join(commonDir, 'objects'));
  const drafts = new Map<string, string>();
  const folders = (await fs.readdir(objects)).filter((name) => /^(?:pack|[0-9a-f]{2})$/.test(name));
  for (const folder of folders) {
    for (const name of await fs.readdir(join(objects, folder))) {
      if (!DRAFT.test(name)) continue;
      const path = join(objects, folder, name);
      const stat = await fs.lstat(path).catch(() => undefined);
      if (stat?.isFile() && stat.uid === process.getuid?.())
        drafts.set(path, `${stat.ino} ${stat.size} ${stat.mtimeMs}`);
    }
  }
  if (drafts.size > 0) for (const path of await openFiles()) drafts.delete(path);
  return drafts;
}

/** Every file that a process of this user has open. @throws where the system has no `/proc` */
async function openFiles(): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for (const pid of (await fs.readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    for (const fd of await fs.readdir(folder).catch(() => [])) {
      open.add(await fs.readlink(`${folder}/${fd}`).catch(() => ''));
    }
  }
  return open;
}
