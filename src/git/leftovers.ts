import { promises as fs } from 'node:fs';
import { join } from 'node:path';

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
