import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { CloneFacts, HookFacts, Leftover } from '../../domain/health/clone.ts';
import { isRunning } from '../process/kill-tree.ts';
import { idleDrafts, sweepDrafts } from '../repository/leftovers.ts';
import type { Repository } from '../repository/repository.ts';
import { TEMPORARY_REFS } from '../repository/temporary-ref.ts';

/** A lock older than this (ms) was left by a git that was killed: no command holds one for that long. */
const ABANDONED_MS = 3_600_000;

/** The same of our own files, which live for as long as one push. */
const OURS_ABANDONED_MS = 10 * 60_000;

/** Files and folders of ours that exist only while they are written. */
const OUR_DRAFTS = /^(?:remote-.*\.json\.\d+|race-\w+|upkeep-clock-\d+)$/;

/** What git runs; anything else in the folder of hooks is not a hook. */
const HOOKS = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-applypatch',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-rewrite',
  'pre-applypatch',
  'pre-auto-gc',
  'pre-commit',
  'pre-merge-commit',
  'pre-push',
  'pre-rebase',
  'prepare-commit-msg',
  'push-to-checkout',
  'reference-transaction',
  'sendemail-validate',
];

/**
 * What a clone is like, from its files. Writes one file into the git directory, and removes it.
 * @param branchRef the queue's branch, whose lock files are looked for
 * @param now ms since the epoch
 */
export async function cloneFacts(repository: Repository, branchRef: string, now: number): Promise<CloneFacts> {
  const { commonDir, gitDir, bare, shallow, partial } = repository;
  return {
    kind: bare ? 'bare' : gitDir === commonDir ? 'clone' : 'worktree',
    shallow,
    partial,
    unwritable: whyUnwritable(commonDir),
    ...room(commonDir),
    hooks: hooksOf(repository),
    leftovers: [
      ...locks(repository, branchRef, now),
      ...(await ownLeftovers(repository, now)).map(({ found }) => found),
    ],
  };
}

/** Removes what killed processes of agentq have left. @returns how many files and refs are gone @throws never */
export async function removeOwnLeftovers(repository: Repository, now: number): Promise<number> {
  const before = await ownLeftovers(repository, now);
  for (const { path, ref } of before) {
    if (ref !== undefined) await repository.git.attempt(['update-ref', '-d', ref]).catch(() => undefined);
    else if (path !== undefined) rmSync(path, { recursive: true, force: true });
  }
  await sweepDrafts(repository);
  const after = await ownLeftovers(repository, now);
  return before.length - after.length;
}

interface Own {
  readonly found: Leftover;
  /** What can be removed at once; absent: a draft of git's, which is removed only if nobody has it open. */
  readonly path?: string;
  readonly ref?: string;
}

async function ownLeftovers({ commonDir }: Repository, now: number): Promise<readonly Own[]> {
  const own = join(commonDir, 'agentq');
  const files = namesIn(own)
    .filter((name) => OUR_DRAFTS.test(name))
    .map((name) => join(own, name))
    .flatMap((path): Own[] => {
      const ageMs = ageOf(path, now);
      return ageMs > OURS_ABANDONED_MS
        ? [{ found: { name: relative(commonDir, path), ageMs, whose: 'ours' }, path }]
        : [];
    });
  const refs = namesIn(join(commonDir, TEMPORARY_REFS)).flatMap((name): Own[] => {
    const pid = Number(/^(\d+)-[0-9a-f]+$/.exec(name)?.[1]);
    const ref = `${TEMPORARY_REFS}${name}`;
    const ageMs = ageOf(join(commonDir, ref), now);
    const isLeft = Number.isSafeInteger(pid) && ageMs > OURS_ABANDONED_MS && !isRunning(pid);
    return isLeft ? [{ found: { name: ref, ageMs, whose: 'ours' }, ref }] : [];
  });
  // Where the system does not say which files are open, none counts.
  const idle = await idleDrafts(commonDir).catch(() => new Map<string, string>());
  const drafts = [...idle.keys()].flatMap((path): Own[] => {
    const ageMs = ageOf(path, now);
    return ageMs > OURS_ABANDONED_MS ? [{ found: { name: relative(commonDir, path), ageMs, whose: 'ours' } }] : [];
  });
  return [...files, ...refs, ...drafts];
}

function locks({ commonDir, gitDir }: Repository, branchRef: string, now: number): readonly Leftover[] {
  const paths = new Set([
    ...['index.lock', 'HEAD.lock'].map((name) => join(gitDir, name)),
    ...['config.lock', 'packed-refs.lock', 'shallow.lock', `${branchRef}.lock`].map((name) => join(commonDir, name)),
  ]);
  return [...paths].flatMap((path): Leftover[] => {
    const ageMs = ageOf(path, now);
    return ageMs > ABANDONED_MS ? [{ name: relative(commonDir, path), ageMs, whose: 'gits' }] : [];
  });
}

function hooksOf(repository: Repository): HookFacts {
  const configured = repository.config('core.hookspath', 'users');
  const folder =
    configured === undefined
      ? join(repository.commonDir, 'hooks')
      : resolve(repository.workTree ?? repository.gitDir, configured.replace(/^~(?=\/)/, homedir()));
  if (configured !== undefined && !existsSync(folder)) return { active: [], ignored: [], missingFolder: configured };
  const there = namesIn(folder).filter((name) => HOOKS.includes(name));
  const active = there.filter((name) => isExecutable(join(folder, name)));
  return { active, ignored: there.filter((name) => !active.includes(name)), missingFolder: undefined };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Undefined: files can be made where git and agentq make them. */
function whyUnwritable(commonDir: string): string | undefined {
  const own = join(commonDir, 'agentq');
  const probe = join(own, `upkeep-clock-${process.pid}`);
  try {
    for (const name of ['objects', 'refs']) accessSync(join(commonDir, name), constants.W_OK);
    mkdirSync(own, { recursive: true });
    writeFileSync(probe, '');
    rmSync(probe, { force: true });
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'it is not known why';
  }
}

function room(folder: string): Pick<CloneFacts, 'freeBytes' | 'freeFiles'> {
  try {
    const { bavail, bsize, ffree } = statfsSync(folder);
    return { freeBytes: bavail * bsize, freeFiles: ffree };
  } catch {
    return { freeBytes: undefined, freeFiles: undefined };
  }
}

/** Not older than nothing if the file is gone. */
function ageOf(path: string, now: number): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? 0 : now - found.mtimeMs;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
