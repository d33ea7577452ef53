import type { RefUpdate } from '../answers/push-outcome.ts';
import { classifyUpdate } from '../answers/push-report.ts';
import { forgetMove, noteMove } from '../checkout/checkout-moved.ts';
import { GitError } from '../process/git-error.ts';
import { runProcess, runText } from '../process/git-process.ts';
import type { Repository } from '../repository/repository.ts';
import { checkoutOf, isCheckout } from '../repository/worktrees.ts';
import { parseLook } from './remote.ts';
import type { Upstream } from './upstream.ts';

/**
 * The coordination branch of a repository without a remote: its own branch. A push is one ref transaction, so it is
 * always all or nothing, even if the caller did not ask for that.
 */
export function localUpstream(repository: Repository): Upstream {
  const { git, zeroId } = repository;
  return {
    name: 'this repository',
    kind: 'local',
    // An update of a ref costs no more.
    looking: 'dear',
    async look(branchRef, prefixes, { signal } = {}) {
      const patterns = [branchRef, ...prefixes.map((prefix) => prefix.replace(/\/$/, ''))];
      const args = ['for-each-ref', '--format=%(objectname)\t%(refname)', '--', ...patterns];
      const answer = await runText(git, args, [], { signal });
      signal?.throwIfAborted();
      if (answer.exitCode !== 0) throw new GitError(args, answer);
      return parseLook(answer.stdout, branchRef, prefixes);
    },
    async defaultTip() {
      const answer = await git.attempt(['rev-parse', '--verify', '-q', 'HEAD^{commit}']);
      return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
    },
    async defaultBranches() {
      const usual = ['refs/heads/main', 'refs/heads/master'];
      const [head, listed] = await Promise.all([
        git.attempt(['symbolic-ref', '-q', 'HEAD']),
        git.run(['for-each-ref', '--format=%(refname)', 'refs/heads/']),
      ]);
      const names = new Set(listed.split('\n'));
      return [...new Set([head.stdout.trim(), ...usual])]
        .filter((ref) => names.has(ref) && ref !== '')
        .map((ref) => ref.replace('refs/heads/', ''));
    },
    async fetchCommit(_branchRef, oid) {
      const answer = await git.attempt(['cat-file', '-e', `${oid}^{commit}`]);
      return answer.exitCode === 0
        ? { kind: 'present' }
        : { kind: 'moved', words: `commit ${oid} is not in this repository` };
    },
    async fetchObjects() {
      // What a ref of this repository points at is already here.
      return true;
    },
    async unshallow() {
      // There is no remote to get more history from.
    },
    async push(updates, { signal } = {}) {
      if (signal?.aborted) return { kind: 'transient', words: 'it was ended before it began' };
      const commands = updates.map(({ ref, expected, to }) =>
        to === undefined ? `delete ${ref}\0${expected ?? zeroId}\0` : `update ${ref}\0${to}\0${expected ?? zeroId}\0`,
      );
      // If the branch is checked out, index and working tree must follow (see checkout-moved.ts).
      const moved = await movedCheckouts(repository, updates);
      for (const { checkout, from, to } of moved) await noteMove(checkout, from, to);
      // Finishes even when aborted: it takes milliseconds, and if it were killed it would leave lock files.
      const answer = await runProcess(git, ['update-ref', '-m', 'agentq', '--no-deref', '-z', '--stdin'], {
        input: commands,
        endOnAbort: false,
      });
      if (answer.exitCode === 0) return { kind: 'landed' };
      for (const { checkout, from, to } of moved) await forgetMove(checkout, from, to);
      return classifyUpdate(answer.stderr);
    },
  };
}

interface Moved {
  readonly checkout: Repository;
  readonly from: string;
  readonly to: string;
}

async function movedCheckouts(repository: Repository, updates: readonly RefUpdate[]): Promise<readonly Moved[]> {
  const moved: Moved[] = [];
  for (const { ref, expected, to } of updates) {
    if (!ref.startsWith('refs/heads/') || expected === undefined || to === undefined) continue;
    const checkout = (await isCheckout(repository, ref)) ? repository : await checkoutOf(repository, ref);
    if (checkout !== undefined) moved.push({ checkout, from: expected, to });
  }
  return moved;
}
