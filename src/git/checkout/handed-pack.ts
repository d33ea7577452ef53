import { copyFileSync, existsSync, linkSync, lstatSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { createGitClient, type GitClientOptions } from '../process/git-client.ts';
import type { Located } from '../repository/locate.ts';
import { fastForward, halfDone, lockCheckout } from './fast-forward.ts';
import type { FollowOutcome } from './follow-outcome.ts';
import { commitAt, type HandyCheckout, handyCheckout } from './handy-checkout.ts';

/**
 * Commits as their leader hands them to other clones of this user: a pack with everything that a clone at `from` lacks
 * of `tip`, so that it need not fetch.
 */
export interface HandedPack {
  /** Absolute, without `.pack` and `.idx`. */
  readonly path: string;
  readonly packBytes: number;
  readonly indexBytes: number;
  /** The newest commit in the pack. */
  readonly tip: string;
  /** An ancestor of it: what this reaches is not in the pack. */
  readonly from: string;
}

/**
 * Takes the objects of the pack into the clone, and lets the checkout follow to its tip. Nothing is done unless the
 * checkout is where the pack begins, the pack is whole, and only this user could write it. Git checks that the tip is
 * there and that it is a fast-forward.
 * @returns undefined if the checkout must follow in another way
 * @throws Failure `interrupted`, `git-unusable` or `machine-unusable`
 */
export async function followHandedPack(
  client: GitClientOptions,
  located: Located,
  branchRef: string,
  pack: HandedPack,
): Promise<FollowOutcome | undefined> {
  const found = handyCheckout(located, branchRef, client);
  if (found === undefined) return undefined;
  const checkout = { git: createGitClient(client), gitDir: found.gitDir, commonDir: found.commonDir };
  const lock = await lockCheckout(checkout);
  if (lock === undefined) return { kind: 'busy', reason: 'other agentq processes are updating this checkout' };
  try {
    if (halfDone(checkout) !== undefined || !isAtStart(found, branchRef, pack)) return undefined;
    if (!isOurs(pack)) return undefined;
    for (const end of ['.pack', '.idx']) bring(`${pack.path}${end}`, join(found.commonDir, 'objects', 'pack'));
    const outcome = await fastForward(checkout, pack.tip);
    return outcome.kind === 'failed' ? undefined : outcome;
  } catch (error) {
    if (error instanceof Failure) throw error;
    return undefined;
  } finally {
    lock.release();
  }
}

/** Read again, now that nobody else moves it: the user may have switched branches or committed. */
function isAtStart({ gitDir, commonDir }: HandyCheckout, branchRef: string, { from }: HandedPack): boolean {
  const isOnBranch = readFileSync(join(gitDir, 'HEAD'), 'latin1').trim() === `ref: ${branchRef}`;
  return isOnBranch && commitAt(commonDir, branchRef) === from;
}

/** Whether the pack is as it was when it was handed over, in a folder that only this user can enter. */
function isOurs({ path, packBytes, indexBytes }: HandedPack): boolean {
  const uid = process.geteuid?.();
  const folder = lstatSync(dirname(path));
  if (!folder.isDirectory() || folder.uid !== uid || (folder.mode & 0o077) !== 0) return false;
  const [pack, index] = [lstatSync(`${path}.pack`), lstatSync(`${path}.idx`)];
  const areFiles = [pack, index].every((file) => file.isFile() && file.uid === uid);
  return areFiles && pack.size === packBytes && index.size === indexBytes;
}

/** A link if both are on one file system. Git takes notice of a pack when its index is there. */
function bring(file: string, folder: string): void {
  const target = join(folder, basename(file));
  try {
    linkSync(file, target);
  } catch (error) {
    if (existsSync(target)) return;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    // Under a name that git removes if nobody gives it another.
    const draft = join(folder, `tmp_${process.pid}_${basename(file)}`);
    copyFileSync(file, draft);
    renameSync(draft, target);
  }
}
