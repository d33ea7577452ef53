import { Failure } from '../domain/failure.ts';
import type { Repository } from './repository.ts';

/**
 * The commit that a user names: `HEAD`, a branch, a tag, an id. Whoever calls has made sure that it is no option.
 * @throws Failure `usage` where the clone has no such commit.
 */
export async function resolveCommit({ git }: Repository, revision: string): Promise<string> {
  const answer = await git.attempt(['rev-parse', '--verify', '-q', `${revision}^{commit}`]);
  const oid = answer.stdout.trim();
  if (answer.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(oid)) return oid;
  throw new Failure('usage', `there is no commit ${JSON.stringify(revision)} in this clone`, {
    hint: 'a shallow clone has only its newest commits; `git fetch` gets more',
  });
}
