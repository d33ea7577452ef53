import { Failure } from '../../domain/base/failure.ts';
import type { ObjectReader } from '../../git/objects/objects.ts';

/**
 * The root folder of the branch's tip.
 * @throws Failure `branch-missing` if the branch points at something other than a commit; `repository-damaged`
 */
export async function rootOf(
  objects: Pick<ObjectReader, 'commitTree'>,
  tip: string,
  { name, branchRef }: { readonly name: string; readonly branchRef: string },
): Promise<string> {
  try {
    return await objects.commitTree(tip);
  } catch (error) {
    const found = error instanceof Failure ? error.details.found : undefined;
    if (typeof found !== 'string') throw error;
    const branch = branchRef.replace('refs/heads/', '');
    throw new Failure('branch-missing', `${branch} on ${name} points at a ${found} (${tip}), not at a commit`, {
      hint: 'set the branch to a commit again, or name another with --branch',
    });
  }
}
