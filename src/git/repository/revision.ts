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
