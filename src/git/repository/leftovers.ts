import { promises as fs, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** A short-lived file older than this (ms) was left by a killed process. */
const LEFT_BEHIND_MS = 60_000;

/**
 * Removes files that killed processes left in the folder: those whose name matches the pattern and that are over a
 * minute old, by the clock of the file system: `reference` is a file that was just written. Never throws.
 */
export function sweepLeftovers(folder: string, pattern: RegExp, reference: string): void {
  try {
    const now = statSync(reference).mtimeMs;
    for (const name of readdirSync(folder)) {
      if (!pattern.test(name)) continue;
      const path = join(folder, name);
      if (now - statSync(path).mtimeMs > LEFT_BEHIND_MS) rmSync(path, { force: true });
    }
  } catch {
    // Another process is sweeping too, or the folder cannot be written to.
  }
}

/** Names that git gives to packs, indexes and objects while it writes them. */
const DRAFT = /^tmp_(?:pack|idx|rev|obj)_/;

/** How long (ms) a draft that no process has open must stay unchanged: git closes it just before it renames it. */
const MOMENT_MS = 250;

/**
 * Removes the drafts of packs and objects that our git left in the clone when it failed or was ended: git itself keeps
 * them for two weeks. It removes each draft of this user that no process had open at two checks in a row. If the system
 * does not say which files are open, it removes none. Never throws.
 */
export async function sweepDrafts({ commonDir }: Pick<Repository, 'commonDir'>): Promise<void> {
  try {
    const before = await idleDrafts(commonDir);
    if (before.size === 0) return;
    await new Promise((resolve) => setTimeout(resolve, MOMENT_MS));
    const after = await idleDrafts(commonDir);
    for (const [path, state] of after) if (before.get(path) === state) await fs.rm(path, { force: true });
  } catch {
    // Another process is sweeping too, or nothing can be removed here.
  }
}

/** Drafts that no process has open, each with its current state. @throws if the system does not say which files are open */
export async function idleDrafts(commonDir: string): Promise<ReadonlyMap<string, string>> {
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

/** Every file that a process of this user has open. @throws if the system has no `/proc` */
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
