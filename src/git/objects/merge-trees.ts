import { Failure } from '../../domain/base/failure.ts';
import { runProcess } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import type { Repository } from '../repository/repository.ts';

/** What git makes of two commits. */
export type MergedTrees =
  | { readonly kind: 'merged'; readonly tree: string }
  /** Paths that only a person can decide, each once. */
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  /** The two have no commit in common. */
  | { readonly kind: 'unrelated' };

/**
 * Merges two commits as `git merge` does, with what git is configured to do about renames and by its drivers. Only
 * objects are written: no ref, index or file is touched.
 * @throws Failure `git-unusable` if git cannot, `machine-unusable` or `repository-damaged`
 */
export async function mergeTrees({ git }: Repository, ours: string, theirs: string): Promise<MergedTrees> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  const { exitCode, stdout, stderr } = await runProcess(git, args);
  const [tree = '', ...paths] = stdout.toString('utf8').split('\0');
  const isTree = /^[0-9a-f]{40,64}$/.test(tree);
  if (exitCode === 0 && isTree) return { kind: 'merged', tree };
  if (exitCode === 1 && isTree) return { kind: 'conflict', paths: [...new Set(paths.filter((path) => path !== ''))] };
  if (stderr.includes('unrelated histories')) return { kind: 'unrelated' };
  throw (
    localTrouble(stderr) ??
    new Failure('git-unusable', `git merge-tree: ${wordsOf(stderr) || `exited with ${exitCode}`}`, {
      hint: 'agentq needs git 2.39 or newer',
    })
  );
}
