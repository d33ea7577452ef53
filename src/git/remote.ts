import type { GitClient } from './git-client.ts';
import type { Look } from './look.ts';

/**
 * A look at a remote that needs nothing read of the repository before: started together with `openRepository`, it costs no
 * time of its own. Its result must not be used before `openUpstream` found that the remote exists.
 * @throws Failure `remote-unreachable` or `remote-refused`.
 */
export function lookAtRemote(
  _git: GitClient,
  _remote: string,
  _branchRef: string,
  _prefixes: readonly string[],
): Promise<Look> {
  throw new Error('not built yet');
}
