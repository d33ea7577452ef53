import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../process/git-process.ts';
import { plainLines, wordsOf } from '../process/words.ts';
import { type LockFile, takeLock } from '../repository/lock-file.ts';
import type { Repository } from '../repository/repository.ts';
import { CHECKOUT_LOCK, describeDirty, type FollowOutcome } from './follow-outcome.ts';

/** What a fast-forward must know of a repository. */
export type Checkout = Pick<Repository, 'git' | 'gitDir' | 'commonDir'>;

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

/** The lock under which one process at a time updates a checkout; undefined: others hold it for too long. */
export function lockCheckout({ git, commonDir }: Checkout): Promise<LockFile | undefined> {
  return takeLock(join(commonDir, CHECKOUT_LOCK), { waitMs: LOCK_WAIT_MS, signal: git.signal });
}

/** What is half-done in the checkout, so that it must be left alone; undefined: nothing. */
export function halfDone({ gitDir }: Checkout): string | undefined {
  return IN_PROGRESS.find(([name]) => existsSync(join(gitDir, name)))?.[1];
}

/**
 * Fast-forwards HEAD's branch and the working tree; refuses whatever is not a fast-forward. Call it with the checkout's
 * lock held.
 */
export async function fastForward(checkout: Checkout, to: string): Promise<FollowOutcome> {
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
  const answer = await keepingOrigHead(checkout, () =>
    runProcess(checkout.git, ['merge', ...flags, to], {
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
async function keepingOrigHead<T>({ gitDir }: Checkout, merge: () => Promise<T>): Promise<T> {
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
