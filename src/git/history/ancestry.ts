import { GitError } from '../process/git-error.ts';
import { localTrouble } from '../process/local-trouble.ts';
import type { Repository } from '../repository/repository.ts';

/**
 * The best common ancestors of two commits: none if their histories are unrelated, several after merges that crossed.
 * In a shallow clone the answer may be wrong.
 */
export async function mergeBases({ git }: Repository, one: string, other: string): Promise<readonly string[]> {
  const args = ['merge-base', '--all', one, other];
  const answer = await git.attempt(args);
  if (answer.exitCode === 0) return answer.stdout.split('\n').filter((line) => line !== '');
  if (answer.exitCode === 1 && answer.stderr === '') return [];
  throw localTrouble(answer.stderr) ?? new GitError(args, answer);
}

/** Whether the history of `newer` has the commit `older`; each has itself. */
export async function isAncestor({ git }: Repository, older: string, newer: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', older, newer];
  const answer = await git.attempt(args);
  if (answer.exitCode === 0 || answer.exitCode === 1) return answer.exitCode === 0;
  throw localTrouble(answer.stderr) ?? new GitError(args, answer);
}
