import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { Repository } from './repository.ts';

/**
 * The commit that a user names: `HEAD`, a branch, a tag or an id. The caller must make sure that it is not an option.
 * @throws Failure `usage` if the clone has no such commit
 */
export async function resolveCommit({ git }: Repository, revision: string): Promise<string> {
  const answer = await git.attempt(['rev-parse', '--verify', '-q', `${revision}^{commit}`]);
  const oid = answer.stdout.trim();
  if (answer.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(oid)) return oid;
  throw new Failure('usage', `there is no commit ${JSON.stringify(revision)} in this clone`, {
    hint: 'a shallow clone has only the newest commits; `git fetch` gets more',
  });
}

/** The empty tree, which every git knows without storing it. */
export function emptyTree({ objectFormat }: Repository): string {
  return objectFormat === 'sha256'
    ? '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
    : '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
}

/**
 * The value of a ref that has a file of its own in the git directory. A ref may also be packed, or in a table.
 * @returns undefined if there is no such file, or if it names another ref
 */
export function looseValue(gitDir: string, ref: string): string | undefined {
  try {
    return /^[0-9a-f]{40,64}(?=\n$)/.exec(readFileSync(join(gitDir, ref), 'latin1'))?.[0];
  } catch {
    return undefined;
  }
}
