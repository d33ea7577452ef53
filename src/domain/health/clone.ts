import { approximateDuration } from '../base/duration.ts';
import { note, ok, type Verdict, wrong } from './check.ts';

/** What can be seen of a clone without asking the remote. */
export interface CloneFacts {
  readonly kind: 'clone' | 'bare' | 'worktree';
  readonly shallow: boolean;
  readonly partial: boolean;
  /** Why nothing can be written into its git directory; undefined: it can. */
  readonly unwritable: string | undefined;
  /** Undefined: the system does not say. */
  readonly freeBytes: number | undefined;
  readonly freeFiles: number | undefined;
  readonly hooks: HookFacts;
  readonly leftovers: readonly Leftover[];
}

/** The hooks of the repository. */
export interface HookFacts {
  /** Hooks that git runs for what the user does. */
  readonly active: readonly string[];
  /** Files with the name of a hook that git ignores, since they cannot be executed. */
  readonly ignored: readonly string[];
  /** The configured folder of hooks, if it does not exist. */
  readonly missingFolder: string | undefined;
}

/** What a process that was killed has left in the git directory. */
export interface Leftover {
  /** Relative to the git directory. */
  readonly name: string;
  readonly ageMs: number;
  /** `ours`: of agentq, or of a git that agentq started. `gits`: a lock that any git may have left. */
  readonly whose: 'ours' | 'gits';
}

const MEBIBYTE = 1024 * 1024;
const LITTLE_BYTES = 1024 * MEBIBYTE;
const TOO_FEW_BYTES = 50 * MEBIBYTE;
const LITTLE_FILES = 20_000;
const TOO_FEW_FILES = 1_000;

/** Whether agentq and git can write into the git directory. */
export function judgeGitDir({ unwritable }: CloneFacts): Verdict {
  return unwritable === undefined
    ? ok('the git directory can be written to')
    : wrong(
        `nothing can be written into the git directory: ${unwritable}`,
        'claims need new objects there: check the owner and the mode of .git, and whether the disk is mounted read-only',
      );
}

/** Whether there is room for new objects. */
export function judgeDisk({ freeBytes, freeFiles }: CloneFacts): Verdict {
  if (freeBytes === undefined) return note('this system does not say how much room the disk has');
  const room = `${size(freeBytes)} free where the clone is`;
  if (freeBytes < TOO_FEW_BYTES) return wrong(room, 'make room: git cannot write its objects any more');
  // Some file systems have no table of files, and say that none is free.
  if (freeFiles !== undefined && freeFiles > 0 && freeFiles < TOO_FEW_FILES) {
    return wrong(`room for only ${freeFiles} more files where the clone is`, 'remove files: each object is one');
  }
  if (freeBytes < LITTLE_BYTES) return note(room, 'a pool with worktrees needs more');
  return freeFiles !== undefined && freeFiles > 0 && freeFiles < LITTLE_FILES
    ? note(`room for only ${freeFiles} more files where the clone is`, 'worktrees need many')
    : ok(room);
}

/** Whether the clone has the whole history. */
export function judgeHistory({ shallow, partial }: CloneFacts): Verdict {
  if (shallow) {
    return note(
      'the clone is shallow: log, metrics and agents know nothing of what came before it',
      '`git fetch --unshallow` gets the history',
    );
  }
  return partial
    ? note(
        'the clone is partial: objects that it lacks are fetched when they are needed',
        'a full clone asks less often',
      )
    : ok('the clone has the whole history');
}

/** Which hooks run, and which do not. */
export function judgeHooks({ hooks: { active, ignored, missingFolder } }: CloneFacts): Verdict {
  if (missingFolder !== undefined) {
    return note(
      `core.hooksPath names a folder that does not exist: ${missingFolder}`,
      'no hook runs for your own commits; agentq runs none for those of the queue',
    );
  }
  if (ignored.length > 0) {
    return note(
      `git ignores hooks that are not executable: ${ignored.join(', ')}`,
      `if they are meant to run for your own commits: chmod +x ${ignored.join(' ')}`,
    );
  }
  return active.length === 0
    ? ok('the repository has no hooks')
    : ok(`hooks: ${active.join(', ')}; they do not run for commits of the queue`);
}

/** What killed processes have left. */
export function judgeLeftovers({ leftovers }: CloneFacts): Verdict {
  const locks = leftovers.filter(({ whose }) => whose === 'gits');
  const ours = leftovers.filter(({ whose }) => whose === 'ours');
  const [lock] = locks;
  if (lock !== undefined) {
    const more = locks.length === 1 ? '' : `, and ${locks.length - 1} more`;
    return wrong(
      `a git process that was killed seems to have left ${lock.name}, ${approximateDuration(lock.ageMs)} ago${more}`,
      `if no git runs in this clone, remove .git/${lock.name}`,
    );
  }
  return ours.length === 0
    ? ok('killed processes have left nothing')
    : note(
        `killed processes have left ${counted(ours.length)} in the git directory`,
        '`agentq doctor --fix` removes them',
      );
}

function counted(count: number): string {
  return count === 1 ? '1 file or ref' : `${count} files and refs`;
}

function size(bytes: number): string {
  const mebibytes = bytes / MEBIBYTE;
  return mebibytes < 1024 ? `${Math.floor(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
