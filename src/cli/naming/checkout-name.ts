import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * What the page calls the queue: the folder of the checkout. The URL of the remote may contain a password, and a page
 * may be sent on.
 * @param dir absolute; the checkout, or a folder in it
 */
export function checkoutName(dir: string): string {
  for (let folder = dir; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return basename(folder);
  }
  return basename(dir);
}
