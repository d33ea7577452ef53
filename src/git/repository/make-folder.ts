import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the folder and what is missing above it, unless it is there, and checks that files can be made in it. Node's own
 * `mkdir` with `recursive` never ends where the system says that a folder does not exist whose parent does, as in `/proc`.
 * @throws what the file system says
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) make(folder);
  // What was there may be a file.
  if (missing.length === 0) make(path);
  accessSync(path, constants.W_OK | constants.X_OK);
}

function make(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
