import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { runProcess } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import { sweepDrafts } from '../repository/leftovers.ts';
import type { Repository } from '../repository/repository.ts';
import { temporaryRef } from '../repository/temporary-ref.ts';
import { assertTreePath, authorship, type CommitSpec, messageBytes, type TreeChange } from './commit-spec.ts';

/**
 * Builds a chain of commits on `parent` (undefined: a root commit) in one `fast-import`. Touches no ref, index or work
 * tree. Messages and names are UTF-8, whatever the configuration of the repository says. Commits are not signed.
 * @returns the ids, in order
 * @throws Failure `internal` if git refuses (a path inside a file), `machine-unusable` or `repository-damaged` if it
 *   cannot write or read, `interrupted` if aborted before it began. Only unreferenced objects are left behind.
 */
export async function buildCommits(
  repository: Repository,
  parent: string | undefined,
  commits: readonly CommitSpec[],
): Promise<readonly string[]> {
  if (commits.length === 0) return [];
  const { git, gitDir, zeroId } = repository;
  const ref = temporaryRef();
  const input: (string | Uint8Array)[] = ['feature done\n'];
  commits.forEach((commit, index) => {
    writeCommit(input, commit, { ref, mark: index + 1, from: index === 0 ? parent : undefined });
  });
  // Without this, the branch would be written as a ref at the end.
  input.push(`reset ${ref}\nfrom ${zeroId}\n\n`);
  commits.forEach((_, index) => {
    input.push(`get-mark :${index + 1}\n`);
  });
  input.push('done\n');

  const answer = await runProcess(git, ['fast-import', '--quiet', '--done', '--date-format=raw'], {
    input,
    // Deleting the ref that never existed takes packed-refs.lock for a moment; with 50 processes at once, the default
    // timeout of one second can run out. Fewer than 100 objects are written loose, so that a claim does not cost a pack.
    config: ['core.packedRefsTimeout=10000', 'fastimport.unpackLimit=100'],
    endOnAbort: false,
  });
  const ids = answer.stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
  if (answer.exitCode === 0 && ids.length === commits.length) return ids;
  await fs.rm(join(gitDir, `fast_import_crash_${answer.pid}`), { force: true });
  await sweepDrafts(repository);
  const trouble = localTrouble(answer.stderr);
  if (trouble !== undefined) throw trouble;
  throw new Failure('internal', `git fast-import: ${wordsOf(answer.stderr) || `exited with ${answer.exitCode}`}`);
}

function writeCommit(
  input: (string | Uint8Array)[],
  commit: CommitSpec,
  place: { readonly ref: string; readonly mark: number; readonly from: string | undefined },
): void {
  const message = messageBytes(commit);
  input.push(`commit ${place.ref}\nmark :${place.mark}\n`, authorship(commit));
  input.push(`data ${message.length}\n`, message, '\n');
  if (place.from !== undefined) input.push(`from ${place.from}\n`);
  for (const change of commit.changes) writeChange(input, change);
  input.push('\n');
}

function writeChange(input: (string | Uint8Array)[], change: TreeChange): void {
  if ('from' in change) {
    input.push(`R ${quotePath(change.from)} ${quotePath(change.to)}\n`);
  } else if ('delete' in change) {
    input.push(`D ${quotePath(change.path)}\n`);
  } else if ('oid' in change) {
    input.push(`M ${change.mode} ${change.oid} ${quotePath(change.path)}\n`);
  } else {
    input.push(
      `M ${change.mode} inline ${quotePath(change.path)}\ndata ${change.content.byteLength}\n`,
      change.content,
      '\n',
    );
  }
}

/** A path as a C string, which can hold any byte. */
function quotePath(path: string): string {
  assertTreePath(path);
  let quoted = '';
  for (const byte of Buffer.from(path, 'utf8')) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    quoted += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `"${quoted}"`;
}
