import { promises as fs } from 'node:fs';
import { Failure } from '../../domain/base/failure.ts';
import type { ObjectReader } from '../objects/objects.ts';
import { runText } from '../process/git-process.ts';
import { wordsOf } from '../process/words.ts';
import { type Repository, readHead } from '../repository/repository.ts';
import { checkoutOf, isCheckout } from '../repository/worktrees.ts';
import { followMoves } from './checkout-moved.ts';
import { fastForward, halfDone, lockCheckout } from './fast-forward.ts';
import type { FollowOutcome } from './follow-outcome.ts';

export interface FollowRequest {
  readonly branchRef: string;
  /** The commit that the checkout should show. */
  readonly to: string;
  /** Without a remote: where the branch under HEAD was before it moved. See `checkout-moved.ts`. */
  readonly movedFrom?: string;
  /** false (`--no-sync`): leave the checkout as it is. No effect with `movedFrom`. */
  readonly sync: boolean;
}

/**
 * Lets the user's checkout follow the branch if nothing is lost: no uncommitted or staged work, no untracked or ignored
 * file, no local commit. Runs no hook.
 *
 * Only one process per clone does this at a time: without the lock, 20 at once left a wrong `git status` in 4 of 12
 * rounds. It fast-forwards with `git merge --ff-only`, after checking that it is one: `reset --keep` and `read-tree -m
 * -u` silently dropped a local commit.
 *
 * Once begun, an update is finished even when aborted: otherwise half of it would be left behind.
 * @throws Failure `interrupted`; nothing for a checkout that cannot follow
 */
export async function followCheckout(
  repository: Repository,
  objects: ObjectReader,
  request: FollowRequest,
): Promise<FollowOutcome> {
  const local = request.movedFrom !== undefined;
  if (!request.sync && !local) return { kind: 'off' };
  try {
    const here = await isCheckout(repository, request.branchRef);
    // A branch that moved may be checked out in a worktree other than the one that agentq runs in.
    if (local && !here) {
      const other = await checkoutOf(repository, request.branchRef);
      return other === undefined ? { kind: 'not-on-branch' } : await follow(other, objects, request);
    }
    if (repository.workTree === undefined) return { kind: 'bare' };
    return here ? await follow(repository, objects, request) : { kind: 'not-on-branch' };
  } catch (error) {
    if (error instanceof Failure) throw error;
    return { kind: 'failed', reason: wordsOf(error instanceof Error ? error.message : String(error)) };
  }
}

async function follow(repository: Repository, objects: ObjectReader, request: FollowRequest): Promise<FollowOutcome> {
  const lock = await lockCheckout(repository);
  if (lock === undefined) return { kind: 'busy', reason: 'other agentq processes are updating this checkout' };
  try {
    return await followLocked(repository, objects, request);
  } finally {
    lock.release();
  }
}

async function followLocked(
  repository: Repository,
  objects: ObjectReader,
  request: FollowRequest,
): Promise<FollowOutcome> {
  const { git, gitDir } = repository;
  const { branchRef, to, movedFrom } = request;
  const reason = halfDone(repository);
  if (reason !== undefined) return { kind: 'busy', reason };

  // Read again: the user may have switched branches since the repository was opened.
  const now = await readHead(git, gitDir);
  if (now.kind !== 'branch' || now.ref !== branchRef) return { kind: 'not-on-branch' };
  if (movedFrom !== undefined)
    return await followMoves(repository, movedFrom, (await git.run(['rev-parse', 'HEAD'])).trim());

  const head = await objects.head();
  if (head === undefined) return await followUnborn(repository, to);
  if (await isClearlyBehind(objects, head, to)) return await fastForward(repository, to);

  // Counts the commits that only HEAD has, and those that only the target has.
  const counts = await runText(git, ['rev-list', '--left-right', '--count', `HEAD...${to}`, '--']);
  if (counts.exitCode !== 0) return { kind: 'failed', reason: wordsOf(counts.stderr) };
  const [mine = 0, theirs = 0] = counts.stdout.trim().split('\t').map(Number);
  if (theirs === 0) return { kind: 'up-to-date' };
  if (mine > 0) {
    const commits = mine === 1 ? 'a commit that is' : `${mine} commits that are`;
    return {
      kind: 'diverged',
      reason: `local ${branchRef.replace(/^refs\/heads\//, '')} has ${commits} not on the remote`,
    };
  }
  return await fastForward(repository, to);
}

/** Most generations of commits to search: one round trip each, so that all of them cost less than a process. */
const GENERATIONS = 16;

/**
 * Whether HEAD is a recent ancestor of the target. It asks the reader, which is already running: that is enough for
 * nearly every claim, and saves two processes. `false` proves nothing.
 */
async function isClearlyBehind(objects: ObjectReader, head: string, to: string): Promise<boolean> {
  let generation: readonly string[] = [to];
  for (let count = 0; count < GENERATIONS && generation.length > 0; count++) {
    const parents = (await objects.parents(generation)).flatMap((each) => each ?? []);
    if (parents.includes(head)) return true;
    generation = [...new Set(parents)];
  }
  return false;
}

/**
 * For a clone of a remote that was empty: HEAD is on the branch, which has no commit here yet. Git's merge would
 * overwrite ignored files then, so the checkout follows only if there is nothing at all to lose.
 */
async function followUnborn(repository: Repository, to: string): Promise<FollowOutcome> {
  const { git, workTree } = repository;
  const there = workTree === undefined ? [] : (await fs.readdir(workTree)).filter((name) => name !== '.git');
  const isStaged = (await git.run(['ls-files', '-z', '--cached'])) !== '';
  if (there.length > 0 || isStaged) {
    return { kind: 'dirty', reason: 'the local branch has no commit yet, and the folder is not empty' };
  }
  return await fastForward(repository, to);
}
