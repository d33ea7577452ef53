import { existsSync, promises as fs, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { ObjectReader } from '../objects/objects.ts';
import { runProcess, runText } from '../process/git-process.ts';
import { plainLines, wordsOf } from '../process/words.ts';
import { takeLock } from '../repository/lock-file.ts';
import { type Repository, readHead } from '../repository/repository.ts';
import { checkoutOf, isCheckout } from '../repository/worktrees.ts';
import { CHECKOUT_LOCK, describeDirty, type FollowOutcome, followMoves } from './checkout-moved.ts';

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
 * How long (ms) to wait for other processes that update the same checkout. 100 processes at 20 ms each take two
 * seconds. A process that waits longer may give up, since the last one brings the checkout to the newest commit that it
 * knows.
 */
const LOCK_WAIT_MS = 5_000;

/** Files and folders in the git directory that mean something is half-done, and what. */
const IN_PROGRESS: readonly (readonly [string, string])[] = [
  ['index.lock', 'another git process is at work in this checkout'],
  ['MERGE_HEAD', 'a merge is in progress'],
  ['rebase-merge', 'a rebase is in progress'],
  ['rebase-apply', 'a rebase is in progress'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick is in progress'],
  ['REVERT_HEAD', 'a revert is in progress'],
  ['sequencer', 'a cherry-pick or revert is in progress'],
];

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
  const lock = await takeLock(join(repository.commonDir, CHECKOUT_LOCK), {
    waitMs: LOCK_WAIT_MS,
    signal: repository.git.signal,
  });
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
  for (const [name, reason] of IN_PROGRESS) if (existsSync(join(gitDir, name))) return { kind: 'busy', reason };

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

async function fastForward(repository: Repository, to: string): Promise<FollowOutcome> {
  const flags = [
    '--ff-only',
    '--no-stat',
    '-q',
    // By default, a merge overwrites ignored files.
    '--no-overwrite-ignore',
    // Against merge.autoStash, merge.verifySignatures and branch.<name>.mergeOptions.
    '--no-autostash',
    '--no-verify-signatures',
    '--no-squash',
    '--commit',
  ];
  const answer = await keepingOrigHead(repository, () =>
    runProcess(repository.git, ['merge', ...flags, to], {
      config: ['submodule.recurse=false', 'advice.detachedHead=false'],
      endOnAbort: false,
    }),
  );
  if (answer.exitCode === 0) return { kind: 'followed' };
  if (/\.lock': File exists/.test(answer.stderr)) {
    return { kind: 'busy', reason: 'another git process is at work in this checkout' };
  }
  const inTheWay = filesNamed(answer.stderr);
  if (inTheWay.length > 0) return { kind: 'dirty', reason: describeDirty(inTheWay) };
  return { kind: 'failed', reason: wordsOf(answer.stderr) || `git merge exited with ${answer.exitCode}` };
}

/** `git merge` sets ORIG_HEAD even if it refuses; users need it to get back from their own reset or rebase. */
async function keepingOrigHead<T>({ gitDir }: Repository, merge: () => Promise<T>): Promise<T> {
  const file = join(gitDir, 'ORIG_HEAD');
  const before = existsSync(file) ? readFileSync(file) : undefined;
  try {
    return await merge();
  } finally {
    if (before !== undefined) writeFileSync(file, before);
    // Not rmSync: node loads 3 ms of code for it.
    else if (existsSync(file)) unlinkSync(file);
  }
}

/**
 * The files that git lists, indented by a tab, under "Your local changes to the following files would be overwritten".
 */
function filesNamed(stderr: string): string[] {
  if (!/would be (?:overwritten|removed|lost)|not uptodate/.test(stderr)) return [];
  const files = stderr.split('\n').filter((line) => line.startsWith('\t'));
  return files.length > 0 ? plainLines(files.join('\n')).map((line) => line.trim()) : ['some files'];
}
