import { createHash } from 'node:crypto';
import { runProcess } from './git-process.ts';
import type { Repository } from './repository.ts';

/**
 * Makes the empty blob in the repository, where it is not there already.
 * @returns its id, which is the same in every repository of the same object format.
 */
export async function emptyBlob(repository: Repository): Promise<string> {
  // Git knows the empty blob without having it, but what is pushed must be there.
  await runProcess(repository.git, ['hash-object', '-w', '-t', 'blob', '--stdin'], { endOnAbort: false });
  return createHash(repository.objectFormat).update('blob 0\0').digest('hex');
}
