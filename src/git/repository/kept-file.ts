import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sweepLeftovers } from './leftovers.ts';

/**
 * Replaces a small file at once, since other processes may read it at any moment, and removes what killed processes
 * left of such files. Synchronous: node's asynchronous file functions take 2 ms to load, and start threads.
 * @param drafts names of the drafts of such files: that of a file, a dot, and the number of a process
 * @throws what the file system says
 */
export function replaceFile(path: string, text: string, drafts: RegExp): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
  sweepLeftovers(folder, drafts, path);
}
