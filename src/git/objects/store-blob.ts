import { Failure } from '../../domain/base/failure.ts';
import { runProcess } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import type { Repository } from '../repository/repository.ts';
import { objectBytes } from './loose-objects.ts';

/**
 * Writes a blob to the repository; nothing refers to it yet.
 * @returns its id
 * @throws Failure `machine-unusable` if it cannot be written, `git-unusable` for anything else
 */
export async function storeBlob({ git, made }: Repository, bytes: Uint8Array): Promise<string> {
  const args = ['hash-object', '-w', '-t', 'blob', '--stdin'];
  const { exitCode, stdout, stderr } = await runProcess(git, args, { input: [bytes], endOnAbort: false });
  if (exitCode === 0) {
    const oid = stdout.toString('latin1').trim();
    made.note(oid, { base: undefined, objects: [{ oid, bytes: objectBytes('blob', bytes) }] });
    return oid;
  }
  const trouble = localTrouble(stderr);
  if (trouble !== undefined) throw trouble;
  throw new Failure('git-unusable', `git hash-object: ${wordsOf(stderr) || `exited with ${exitCode}`}`);
}
