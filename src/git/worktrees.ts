import { openRepository, type Repository } from './repository.ts';

/** Whether the repository was opened in a work tree that has the branch checked out. */
export function isCheckout({ head, workTree }: Repository, branchRef: string): boolean {
  return workTree !== undefined && head.kind === 'branch' && head.ref === branchRef;
}

/** The worktree that has the branch checked out, wherever it is; undefined where none has. */
export async function checkoutOf({ git }: Repository, branchRef: string): Promise<Repository | undefined> {
  const listing = await git.run(['worktree', 'list', '--porcelain', '-z']);
  for (const block of listing.split('\0\0')) {
    const lines = block.split('\0');
    const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
    if (path === undefined || lines.includes('bare') || !lines.includes(`branch ${branchRef}`)) continue;
    if (lines.some((line) => line.startsWith('prunable'))) continue;
    const repository = await openRepository(git.at(path));
    return isCheckout(repository, branchRef) ? repository : undefined;
  }
  return undefined;
}
