/**
 * Without a remote, the local branch is the queue. If it is checked out, a claim moves the branch under HEAD: index and
 * working tree then show the reverse of the claim, as if it were a change of the user. They must follow:
 *
 * - if neither followed, the next `git commit` would take the claim back;
 * - if only the index followed, the next `git commit -a` would delete the moved task, since its file is missing.
 *
 * So both follow for every clean path, also with `--no-sync`. For a path with uncommitted changes, the index entry
 * follows and the file stays as it is: the changes then show against the new version. A path with staged changes stays.
 */
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { type ProcessResult, runProcess } from '../process/git-process.ts';
import type { Repository } from '../repository/repository.ts';
import { CHECKOUT_LOCK, describeDirty, type FollowOutcome } from './follow-outcome.ts';

interface Side {
  readonly mode: string;
  readonly oid: string;
}

/** A path that differs between two commits. A side is undefined if the path is not there. */
interface Difference {
  readonly path: string;
  readonly before: Side | undefined;
  readonly after: Side | undefined;
}

/** The name of a note about a move that this checkout may not have followed: the process may have been killed. */
const MOVE_NOTE = /^agentq-moved-([0-9a-f]+)-([0-9a-f]+)$/;

/**
 * Notes, before the branch moves, that the checkout must follow. If this process is killed in between, the next one
 * follows the move for it.
 */
export async function noteMove({ gitDir }: Repository, from: string, to: string): Promise<void> {
  await fs.writeFile(join(gitDir, `agentq-moved-${from}-${to}`), '');
}

/** Removes the note: the branch was not moved, or the checkout has followed. */
export async function forgetMove({ gitDir }: Repository, from: string, to: string): Promise<void> {
  await fs.rm(join(gitDir, `agentq-moved-${from}-${to}`), { force: true });
}

/**
 * Follows the move that began at `from`, and the moves that are left undone: those of other processes, and those that
 * this one did not follow one by one. Call it with the checkout's lock held.
 * @param head the branch now, which need not be what the caller pushed: so the order in which processes get here does
 *   not matter
 */
export async function followMoves(repository: Repository, from: string, head: string): Promise<FollowOutcome> {
  const own: string[] = [];
  for (const name of await fs.readdir(repository.gitDir)) {
    const [, start, end] = MOVE_NOTE.exec(name) ?? [];
    if (start === undefined || end === undefined) continue;
    if (end !== head && !(await isReachable(repository, end, head))) {
      await forgetOld(repository, name);
    } else if (start === from) {
      own.push(end);
    } else if ((await followMove(repository, start, head)).kind !== 'busy') {
      await forgetMove(repository, start, end);
    }
  }
  // Last: a file that an undone move before this one has changed as well would look like a change of the user.
  const outcome = await followMove(repository, from, head);
  if (outcome.kind !== 'busy') for (const end of own) await forgetMove(repository, from, end);
  return outcome;
}

/** Removes the note of a move that never happened, after a minute; a younger move may still happen. */
async function forgetOld({ gitDir, commonDir }: Repository, name: string): Promise<void> {
  const file = join(gitDir, name);
  // The lock was taken just now, by the clock of the file system.
  const [note, lock] = await Promise.all([fs.stat(file), fs.stat(join(commonDir, CHECKOUT_LOCK))]).catch(() => []);
  if (note !== undefined && lock !== undefined && lock.mtimeMs - note.mtimeMs > 60_000)
    await fs.rm(file, { force: true });
}

async function isReachable({ git }: Repository, older: string, newer: string): Promise<boolean> {
  return (await git.attempt(['merge-base', '--is-ancestor', older, newer])).exitCode === 0;
}

/** Moves index and working tree from the commit `from` to `head`. */
async function followMove(repository: Repository, from: string, head: string): Promise<FollowOutcome> {
  const differences = parseDiff(
    await plumb(repository, ['diff-tree', '-r', '-z', '--no-renames', '--raw', from, head]),
  );
  if (differences.length === 0) return { kind: 'up-to-date' };

  // read-tree would overwrite ignored files: if something is in the place of a new file, go path by path.
  const obstructed = await filter(differences, ({ path, before }) => before === undefined && inPlace(repository, path));
  if (obstructed.length === 0) {
    const answer = await attempt(repository, ['read-tree', '-m', '-u', '--no-recurse-submodules', from, head]);
    if (answer.exitCode === 0) return { kind: 'followed' };
    if (/\.lock': File exists/.test(answer.stderr)) {
      return { kind: 'busy', reason: 'another git process is at work in this checkout' };
    }
  }
  const left = await followPaths(repository, differences);
  return left.length === 0 ? { kind: 'followed' } : { kind: 'dirty', reason: describeDirty(left) };
}

/** @returns the paths whose file or staged change was left as it is */
async function followPaths(repository: Repository, differences: readonly Difference[]): Promise<string[]> {
  const { zeroId } = repository;
  await attempt(repository, ['update-index', '-q', '--refresh']);
  const index = parseIndex(await plumb(repository, ['ls-files', '-s', '-z']));
  const changed = new Set((await plumb(repository, ['diff-files', '-z', '--name-only'])).split('\0'));

  const left: string[] = [];
  const entries: string[] = [];
  const remove: string[] = [];
  const write: string[] = [];
  const overwrite: string[] = [];
  for (const { path, before, after } of differences) {
    const entry = index.get(path);
    if (same(entry, after)) continue;
    if (!same(entry, before)) {
      left.push(path);
      continue;
    }
    entries.push(`${after?.mode ?? '0'} ${after?.oid ?? zeroId}\t${path}\0`);
    const untouched = before === undefined ? !(await inPlace(repository, path)) : !changed.has(path);
    if (!untouched) left.push(path);
    else if (after === undefined) remove.push(path);
    else if (before === undefined) write.push(path);
    else overwrite.push(path);
  }
  if (entries.length > 0) await plumb(repository, ['update-index', '-z', '--index-info'], entries);
  for (const path of remove) await fs.unlink(fileOf(repository, path)).catch(() => {});
  const list = (paths: readonly string[]) => paths.map((path) => `${path}\0`);
  if (write.length > 0) await plumb(repository, ['checkout-index', '-q', '-u', '-z', '--stdin'], list(write));
  if (overwrite.length > 0)
    await plumb(repository, ['checkout-index', '-q', '-f', '-u', '-z', '--stdin'], list(overwrite));
  return left;
}

/** Finishes even when aborted: otherwise half an update would be left behind. */
function attempt(
  repository: Repository,
  args: readonly string[],
  input: readonly string[] = [],
): Promise<ProcessResult> {
  const top = repository.workTree ?? '.';
  return runProcess(repository.git, ['-C', top, ...args], { input, endOnAbort: false });
}

async function plumb(repository: Repository, args: readonly string[], input: readonly string[] = []): Promise<string> {
  const answer = await attempt(repository, args, input);
  if (answer.exitCode !== 0) throw new Error(`git ${args[0]}: ${answer.stderr}`);
  return answer.stdout.toString('utf8');
}

/** `:<mode> <mode> <oid> <oid> <status> NUL <path> NUL`. */
function parseDiff(listing: string): Difference[] {
  const tokens = listing.split('\0');
  const differences: Difference[] = [];
  for (let at = 0; at + 1 < tokens.length; at += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = ''] = (tokens[at] ?? '').slice(1).split(' ');
    differences.push({ path: tokens[at + 1] ?? '', before: side(oldMode, oldId), after: side(newMode, newId) });
  }
  return differences;
}

function side(mode: string, oid: string): Side | undefined {
  return mode === '000000' ? undefined : { mode, oid };
}

/** `<mode> <oid> <stage> TAB <path> NUL`. An unmerged path matches no version. */
function parseIndex(listing: string): ReadonlyMap<string, Side> {
  const index = new Map<string, Side>();
  for (const line of listing.split('\0')) {
    const [mode = '', oid = '', stage = ''] = line.slice(0, line.indexOf('\t')).split(' ');
    if (stage !== '')
      index.set(line.slice(line.indexOf('\t') + 1), stage === '0' ? { mode, oid } : { mode: '', oid: '' });
  }
  return index;
}

function same(one: Side | undefined, other: Side | undefined): boolean {
  return one?.mode === other?.mode && one?.oid === other?.oid;
}

async function inPlace(repository: Repository, path: string): Promise<boolean> {
  return await fs.lstat(fileOf(repository, path)).then(
    () => true,
    () => false,
  );
}

function fileOf(repository: Repository, path: string): string {
  return join(repository.workTree ?? '.', path);
}

async function filter<T>(items: readonly T[], keep: (item: T) => boolean | Promise<boolean>): Promise<T[]> {
  const kept: T[] = [];
  for (const item of items) if (await keep(item)) kept.push(item);
  return kept;
}
