import { Failure } from '../../domain/base/failure.ts';
import type { Code } from '../queue/code.ts';

/** Most looks at branches that move faster than they can be fetched. */
const MOST_LOOKS = 5;

/** Where the work on a task starts. */
export interface CodeStart {
  readonly commit: string;
  /** The branch that the work is for: a pull request goes there. */
  readonly branch: string;
  /** The branch of a dependency that it starts from; undefined: from `branch` itself. */
  readonly dependency: string | undefined;
  /** Branches of dependencies that are not in the commit, and not in `branch` either. */
  readonly missing: readonly string[];
}

/** What a start is asked for. */
export interface StartWish {
  /** The commit of the claim, in this clone. */
  readonly claim: string;
  /** The branch that the queue's settings name. */
  readonly setting: string | undefined;
  /** For each of the task's dependencies, the names that its branch may have, the likeliest first. */
  readonly dependencies: readonly (readonly string[])[];
}

/** Where a branch is. */
interface Tip {
  readonly name: string;
  readonly commit: string;
}

export interface CodeBaseOptions {
  readonly code: () => Promise<Code>;
  /** The queue's own branch. */
  readonly queueBranch: string;
  /** The remote's name, for messages; undefined: there is none. */
  readonly remote: string | undefined;
  /** The branch that the user named. */
  readonly named: string | undefined;
}

/**
 * Decides where worktrees start: at a branch that the user or the settings name; otherwise at the queue's own branch
 * where that holds code, else at the remote's default branch. Then the branches of the tasks have no commits of the
 * queue, unless the branch they go back to has them, too.
 */
export class CodeBase {
  readonly #options: CodeBaseOptions;
  readonly #looks: SharedLooks;
  #defaults: Promise<readonly string[]> | undefined;

  constructor(options: CodeBaseOptions) {
    this.#options = options;
    this.#looks = new SharedLooks(options.code);
  }

  /**
   * Finds out before anything is claimed that the branch which the user or the settings name does not exist. Anything
   * else shows when a task is worked on.
   * @param setting the branch that the queue's settings name
   * @throws Failure `usage`, or `config-invalid` if it is the settings' branch
   */
  async check(setting?: string): Promise<void> {
    const { named, queueBranch, code, remote } = this.#options;
    const branch = named ?? setting;
    if (branch === undefined || branch === queueBranch) return;
    const tips = await code()
      .then((open) => open.tips([branch]))
      .catch(() => undefined);
    if (tips === undefined || tips.has(branch)) return;
    if (named === undefined) throw this.#notThere(branch);
    const isPrefixed = remote !== undefined && named.startsWith(`${remote}/`);
    const name = isPrefixed ? named.slice(remote.length + 1) : 'one that is there';
    throw new Failure('usage', this.#missing(named), { hint: `name ${name} with --base` });
  }

  /**
   * The commit to start from, fetched; the newest of its branch at a moment after the call, so that what a completed
   * dependency made is in it if it was merged.
   * @throws Failure `config-invalid` if there is no such branch, or of the remote
   */
  async start(wish: StartWish): Promise<CodeStart> {
    const { named, queueBranch } = this.#options;
    const branch = named ?? wish.setting ?? (await this.#branchFor(wish.claim));
    if (branch === queueBranch && wish.dependencies.length === 0) return startOf(wish.claim, branch);
    for (let look = 1; ; look++) {
      const seen = await this.#looks.tips([branch, ...wish.dependencies.flat()]);
      const dependencies = wish.dependencies.flatMap((names) => names.find((name) => seen.has(name)) ?? []);
      // The claim is the newest commit that we know of the queue's branch, and it is here.
      const tip = branch === queueBranch ? wish.claim : seen.get(branch);
      if (tip === undefined) throw this.#notThere(branch);
      const open = dependencies.map((name) => ({ name, commit: seen.get(name) ?? tip }));
      if (await this.#isObtained([{ name: branch, commit: tip }, ...open])) return this.#startFrom(branch, tip, open);
      if (look === MOST_LOOKS) {
        throw new Failure('remote-unreachable', `${branch} moves faster than it can be fetched`, { hint: 'try again' });
      }
    }
  }

  async #branchFor(claim: string): Promise<string> {
    const { code, queueBranch } = this.#options;
    const open = await code();
    if (await open.isIn(claim)) return queueBranch;
    this.#defaults ??= open.defaultBranches();
    try {
      return (await this.#defaults).find((branch) => branch !== queueBranch) ?? queueBranch;
    } catch (error) {
      this.#defaults = undefined;
      throw error;
    }
  }

  async #isObtained(all: readonly Tip[]): Promise<boolean> {
    const code = await this.#options.code();
    for (const { name, commit } of all) if ((await code.obtain(name, commit)) === 'moved') return false;
    return true;
  }

  /** Starts from the dependency's branch that has most of the others in it, if any is not merged. */
  async #startFrom(branch: string, tip: string, dependencies: readonly Tip[]): Promise<CodeStart> {
    const code = await this.#options.code();
    const open: Tip[] = [];
    for (const each of dependencies) if (!(await code.contains(each.commit, tip))) open.push(each);
    let best = open[0];
    if (best === undefined) return startOf(tip, branch);
    for (const each of open) if (await code.contains(best.commit, each.commit)) best = each;
    const missing: string[] = [];
    for (const { name, commit } of open) if (!(await code.contains(commit, best.commit))) missing.push(name);
    return { commit: best.commit, branch, dependency: best.name, missing };
  }

  #notThere(branch: string): Failure {
    return new Failure('config-invalid', this.#missing(branch), {
      hint: "set `base` in the settings on the queue's branch to one that is there, or name it with --base",
    });
  }

  #missing(branch: string): string {
    const { remote } = this.#options;
    const where = remote === undefined ? 'in this repository' : `on ${remote}`;
    return `there is no branch ${branch} ${where} from which worktrees could start`;
  }
}

function startOf(commit: string, branch: string): CodeStart {
  return { commit, branch, dependency: undefined, missing: [] };
}

/** Looks that begin after each asker asked; those who ask while one is under way share the next. */
class SharedLooks {
  readonly #code: () => Promise<Code>;
  readonly #wanted = new Set<string>();
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(code: () => Promise<Code>) {
    this.#code = code;
  }

  tips(branches: readonly string[]): Promise<ReadonlyMap<string, string>> {
    for (const branch of branches) this.#wanted.add(branch);
    this.#next ??= this.#lookAfter(this.#current);
    return this.#next;
  }

  async #lookAfter(current: Promise<unknown>): Promise<ReadonlyMap<string, string>> {
    await current.catch(() => undefined);
    const code = await this.#code();
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    this.#next = undefined;
    const look = code.tips(wanted);
    this.#current = look;
    return look;
  }
}
