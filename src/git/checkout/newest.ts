import type { ObjectReader } from '../objects/objects.ts';
import type { Repository } from '../repository/repository.ts';

/** Most generations of commits to search: one round trip each, so that all of them cost less than a process. */
const GENERATIONS = 64;

/**
 * The newest of some commits of one branch, the one that contains the others. Their order says little: the answers of a
 * process come from leaders of their own. If the branch was rewritten in between, none contains all others; then it is
 * the last one that no other contains.
 *
 * @param commits at least one; all of them must be in this clone
 */
export async function newestOf(
  { git }: Repository,
  objects: Pick<ObjectReader, 'parents'>,
  commits: readonly string[],
): Promise<string> {
  const newest = new Set(commits);
  const seen = new Set<string>();
  let generation: readonly string[] = [...newest];
  for (let count = 0; count < GENERATIONS && newest.size > 1 && generation.length > 0; count++) {
    for (const commit of generation) seen.add(commit);
    const parents = (await objects.parents(generation)).flatMap((each) => each ?? []);
    for (const parent of parents) newest.delete(parent);
    generation = [...new Set(parents)].filter((parent) => !seen.has(parent));
  }
  // More may lie between two commits of this process than one walks through.
  if (newest.size > 1 && generation.length > 0) {
    const answer = await git.attempt(['merge-base', '--independent', ...newest]);
    const independent = new Set(answer.stdout.split('\n'));
    if (answer.exitCode === 0) for (const commit of newest) if (!independent.has(commit)) newest.delete(commit);
  }
  const last = commits.findLast((commit) => newest.has(commit));
  if (last === undefined) throw new Error('the newest of no commits was asked for');
  return last;
}
