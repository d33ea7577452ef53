import { Failure } from '../../domain/base/failure.ts';
import { runProcess } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import type { Repository } from '../repository/repository.ts';
import { LooseObjects, objectBytes } from './loose-objects.ts';

/**
 * Writes a blob to the repository; nothing refers to it yet. It starts a process only where the repository has settings
 * about how objects are written: every request, heartbeat and sign-in by a ref writes one.
 *
 * @returns its id
 * @throws Failure `machine-unusable` if it cannot be written, `git-unusable` for anything else
 */
export async function storeBlob(repository: Repository, bytes: Uint8Array): Promise<string> {
  const loose = LooseObjects.of(repository);
  const object = loose?.make('blob', bytes);
  if (object !== undefined && (await loose?.write([object])) === 'written') {
    repository.made.note(object.oid, { base: undefined, objects: [object] });
    return object.oid;
  }
  return hashObject(repository, bytes);
}

async function hashObject({ git, made }: Repository, bytes: Uint8Array): Promise<string> {
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
