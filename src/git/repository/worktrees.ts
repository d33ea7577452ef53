import { openRepository, type Repository, readHead } from './repository.ts';

/** Whether this working tree has the branch checked out now: the user may switch branches while agentq runs. */
export async function isCheckout({ git, gitDir, workTree }: Repository, branchRef: string): Promise<boolean> {
  if (workTree === undefined) return false;
  const head = await readHead(git, gitDir);
  return head.kind === 'branch' && head.ref === branchRef;
}

/** The worktree that has the branch checked out, wherever it is; undefined if there is none. */
export async function checkoutOf({ git }: Repository, branchRef: string): Promise<Repository | undefined> {
  const listing = await git.run(['worktree', 'list', '--porcelain', '-z']);
  for (const block of listing.split('\0\0')) {
    const lines = block.split('\0');
    const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
    if (path === undefined || lines.includes('bare') || !lines.includes(`branch ${branchRef}`)) continue;
    if (lines.some((line) => line.startsWith('prunable'))) continue;
    const repository = await openRepository(git.at(path));
    return (await isCheckout(repository, branchRef)) ? repository : undefined;
  }
  return undefined;
}
