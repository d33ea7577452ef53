import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BranchNaming, branchNames } from '../../domain/base/branch-template.ts';
import { Failure } from '../../domain/base/failure.ts';
import { formatKey, type TaskKey } from '../../domain/queue/task.ts';
import { createGitClient } from '../process/git-client.ts';
import { GitError } from '../process/git-error.ts';
import { runText } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import { makeFolder } from '../repository/make-folder.ts';
import { openRepository, type Repository } from '../repository/repository.ts';

export interface TaskWorktreesOptions {
  /** Where to look for the repository. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for the worktrees; undefined: `<clone>-worktrees`, next to the clone. */
  readonly folder: string | undefined;
  onProcess(args: readonly string[]): void;
}

/** What a worktree is asked for. */
export interface WorktreeWish {
  readonly task: TaskKey;
  readonly agent: string;
  /** How its branch is named, see `branch-template.ts`. */
  readonly template: string;
  /** The commit that a new branch starts from. */
  readonly base: string;
}

/** A worktree for one task. */
export interface TaskWorktree {
  readonly path: string;
  readonly branch: string;
  /**
   * `new`: the branch was made now. Otherwise an earlier try at this task left the branch, or the worktree as it is.
   */
  readonly origin: 'new' | 'branch' | 'worktree';
  readonly task: TaskKey;
  /** The commit that it started from. */
  readonly base: string;
}

/** What became of a worktree. */
export type WorktreeEnd =
  /** `branch`: a branch that has its own commits, and stays. */
  | { readonly kind: 'removed'; readonly branch: string | undefined }
  | { readonly kind: 'kept'; readonly reason: string };

interface Checkout {
  readonly path: string;
  readonly branch: string | undefined;
  /** Whether its folder is gone. */
  readonly isGone: boolean;
}

/**
 * One `git worktree` per task, on a branch of its own. Work is never thrown away: a worktree is removed only
 * if that loses nothing, and a branch only if it has no commit of its own. A task that is tried again in the same clone
 * continues where the last try stopped.
 *
 * A file in the git directory says which task a branch belongs to: a branch of the user with the same name is left
 * alone, and so is the branch of a task with the same id in another project. A name that is taken, or that git cannot
 * have beside a branch such as `feature` or `feature/<TASK-ID>/x`, is skipped: see {@link branchNames}.
 */
export class TaskWorktrees {
  readonly #repository: Repository;
  readonly #folder: string;
  /** Changes of worktrees lock files of the repository, so a process makes them one after another. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(repository: Repository, folder: string) {
    this.#repository = repository;
    this.#folder = folder;
  }

  /** @throws Failure `not-a-repository`, `git-unusable`, or `machine-unusable` if the folder cannot be made */
  static async open(options: TaskWorktreesOptions): Promise<TaskWorktrees> {
    const { dir, env, onProcess } = options;
    const repository = await openRepository(createGitClient({ dir, env, onProcess }));
    const home = repository.workTree ?? repository.commonDir.replace(/\/\.git$/, '');
    const folder = options.folder ?? `${home}-worktrees`;
    // The real path, as git names it: otherwise a worktree of an earlier run would not be recognized.
    try {
      makeFolder(folder);
    } catch (cause) {
      const message = `the folder for worktrees cannot be made: ${cause instanceof Error ? cause.message : cause}`;
      throw new Failure('machine-unusable', message, { hint: 'name another one with --worktree-dir', cause });
    }
    const worktrees = new TaskWorktrees(repository, await realpath(folder));
    await worktrees.#prune();
    return worktrees;
  }

  /**
   * A worktree for the task, at `base` unless an earlier try left one.
   * @throws Failure `git-unusable` if no branch name can be used, or git makes no worktree
   */
  prepare({ task, agent, template, base }: WorktreeWish): Promise<TaskWorktree> {
    return this.#inTurn(async () => {
      const naming: BranchNaming = { project: task.project, task: task.id, agent };
      const names = branchNames(template, naming);
      for (const branch of names) {
        const worktree = await this.#tryBranch(task, base, branch).catch((error: unknown) => {
          if (!(error instanceof GitError)) throw error;
          throw new Failure('git-unusable', `git makes no worktree for ${formatKey(task)}: ${wordsOf(error.stderr)}`);
        });
        if (worktree) return worktree;
      }
      const [first] = names;
      throw new Failure(
        'git-unusable',
        `the branch ${first} and ${names.length - 1} others exist or are in the way, and do not belong to ${formatKey(task)}`,
        { hint: 'rename or delete one of them' },
      );
    });
  }

  /** Whether the folder is still there. Agents tidy up, and remove their own. */
  isThere({ path }: TaskWorktree): boolean {
    return existsSync(path);
  }

  /** Removes the worktree if that loses nothing. Never throws. */
  finish(worktree: TaskWorktree, result: 'completed' | 'unfinished'): Promise<WorktreeEnd> {
    return this.#inTurn(async () => {
      if (!this.isThere(worktree)) return this.#finishGone(worktree);
      if (result === 'unfinished') return { kind: 'kept', reason: 'the task is not completed' };
      try {
        return await this.#remove(worktree);
      } catch (error) {
        const words = error instanceof GitError ? wordsOf(error.stderr) : String(error);
        return { kind: 'kept', reason: `git would not remove it: ${words}` };
      }
    });
  }

  async #tryBranch(task: TaskKey, base: string, branch: string): Promise<TaskWorktree | undefined> {
    const worktree = { branch, task, base };
    if (!(await this.#exists(branch))) {
      if (await this.#isInTheWay(branch)) return undefined;
      const path = await this.#freePath(task, await this.#checkouts());
      // The mark comes first: a worktree without one could not be resumed.
      await this.#mark(branch, task);
      try {
        await this.#change(['worktree', 'add', '-q', '--no-track', '-b', branch, path, base]);
      } catch (error) {
        await this.#undo(branch, base);
        throw error;
      }
      return { ...worktree, path, origin: 'new' };
    }
    if ((await this.#owner(branch)) !== formatKey(task)) return undefined;
    const checkouts = await this.#checkouts();
    const checkout = checkouts.find((one) => one.branch === branch);
    if (checkout && !checkout.isGone) {
      // A branch in the user's own checkout belongs to the user.
      if (!checkout.path.startsWith(`${this.#folder}/`)) return undefined;
      return { ...worktree, path: checkout.path, origin: 'worktree' };
    }
    // Its folder was removed while its command ran.
    if (checkout?.path.startsWith(`${this.#folder}/`)) await this.#unregister(checkout.path);
    const path = await this.#freePath(task, await this.#checkouts());
    await this.#change(['worktree', 'add', '-q', ...(checkout ? ['--force'] : []), path, branch]);
    return { ...worktree, path, origin: 'branch' };
  }

  /** In a process group of its own: a worktree that Ctrl-C has half removed would look like deletions of the agent. */
  async #change(args: readonly string[]): Promise<void> {
    const answer = await runText(this.#repository.git, args);
    if (answer.exitCode !== 0) throw localTrouble(answer.stderr) ?? new GitError(args, answer);
  }

  async #exists(branch: string): Promise<boolean> {
    const answer = await this.#repository.git.attempt(['rev-parse', '--verify', '-q', `refs/heads/${branch}`]);
    return answer.exitCode === 0;
  }

  /**
   * To git a ref is a file, and cannot also be a folder: `feature` or `feature/T-1/x` is in the way of `feature/T-1`.
   */
  async #isInTheWay(branch: string): Promise<boolean> {
    const { git } = this.#repository;
    const parts = branch.split('/');
    for (let length = 1; length < parts.length; length++) {
      if (await this.#exists(parts.slice(0, length).join('/'))) return true;
    }
    return (await git.run(['for-each-ref', '--count=1', '--format=%(refname)', `refs/heads/${branch}/`])) !== '';
  }

  /** Removes what a failed `worktree add` left: the branch, which has no commit of its own, and its mark. */
  async #undo(branch: string, base: string): Promise<void> {
    await rm(this.#markPath(branch), { force: true });
    await this.#repository.git.attempt(['update-ref', '-d', `refs/heads/${branch}`, base]);
  }

  /** Unregisters our worktrees whose folders were removed; their branches stay. */
  async #prune(): Promise<void> {
    for (const { path, isGone } of await this.#checkouts()) {
      if (!isGone || !path.startsWith(`${this.#folder}/`)) continue;
      await this.#unregister(path);
    }
  }

  /** Removes the registration of a worktree whose folder is gone. */
  async #unregister(path: string): Promise<void> {
    await this.#repository.git.attempt(['worktree', 'remove', '--force', path]);
  }

  /** Somebody has removed the folder: neither a registration nor a branch without commits is left of it. */
  async #finishGone(worktree: TaskWorktree): Promise<WorktreeEnd> {
    const { path, branch } = worktree;
    try {
      await this.#unregister(path);
      await this.#removeEmpty(dirname(path));
      // Somewhere else, it belongs to whoever has put it there.
      const isElsewhere = (await this.#checkouts()).some((one) => one.branch === branch);
      return isElsewhere ? { kind: 'removed', branch } : await this.#dropBranch(worktree);
    } catch {
      return { kind: 'removed', branch };
    }
  }

  async #remove(worktree: TaskWorktree): Promise<WorktreeEnd> {
    const { git } = this.#repository;
    const { path, branch } = worktree;
    const inside = git.at(path);
    const head = await inside.attempt(['symbolic-ref', '-q', 'HEAD']);
    if (head.stdout.trim() !== `refs/heads/${branch}`) return { kind: 'kept', reason: `HEAD is not on ${branch}` };
    const status = await inside.run(['status', '--porcelain=v1', '-z', '--untracked-files=normal']);
    if (status !== '') return { kind: 'kept', reason: 'it has uncommitted work' };
    await this.#change(['worktree', 'remove', path]);
    await this.#removeEmpty(dirname(path));
    return this.#dropBranch(worktree);
  }

  /** Deletes the branch if it has no commit of its own. */
  async #dropBranch({ branch, base }: TaskWorktree): Promise<WorktreeEnd> {
    const { git } = this.#repository;
    const answer = await git.attempt(['rev-parse', '--verify', '-q', `refs/heads/${branch}`]);
    const tip = answer.stdout.trim();
    if (answer.exitCode === 0) {
      const own = await git.run(['rev-list', '--max-count=1', tip, '--not', base]);
      if (own.trim() !== '') return { kind: 'removed', branch };
      await git.run(['update-ref', '-d', `refs/heads/${branch}`, tip]);
    }
    await rm(this.#markPath(branch), { force: true });
    return { kind: 'removed', branch: undefined };
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (const each of [folder, this.#folder]) await rmdir(each).catch(() => undefined);
  }

  async #checkouts(): Promise<Checkout[]> {
    const listing = await this.#repository.git.run(['worktree', 'list', '--porcelain', '-z']);
    return listing.split('\0\0').flatMap((block) => {
      const lines = block.split('\0');
      const value = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
      const path = value('worktree');
      if (path === undefined) return [];
      const isGone = lines.some((line) => line.startsWith('prunable'));
      return [{ path, branch: value('branch')?.replace('refs/heads/', ''), isGone }];
    });
  }

  async #freePath({ project, id }: TaskKey, checkouts: readonly Checkout[]): Promise<string> {
    const folder = join(this.#folder, project);
    makeFolder(folder);
    for (let n = 1; ; n++) {
      const path = join(folder, n === 1 ? id : `${id}-${n}`);
      if (!existsSync(path) && !checkouts.some((checkout) => checkout.path === path)) return path;
    }
  }

  #markPath(branch: string): string {
    return join(this.#repository.commonDir, 'agentq', 'branches', encodeURIComponent(branch));
  }

  async #mark(branch: string, task: TaskKey): Promise<void> {
    const path = this.#markPath(branch);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${formatKey(task)}\n`);
  }

  async #owner(branch: string): Promise<string | undefined> {
    const text = await readFile(this.#markPath(branch), 'utf8').catch(() => undefined);
    return text?.trim();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
