import { createGitClient, type GitClient, type GitClientOptions } from '../process/git-client.ts';

/** Where the work on a task may show. */
export interface WorkPlace extends Pick<GitClientOptions, 'dir' | 'env' | 'onProcess'> {
  /**
   * In a worktree of the task: its branch, and what that started from. Then everything on the branch counts, also what
   * an earlier try left. Absent: only what is new from now on, on any branch.
   */
  readonly worktree?: { readonly branch: string; readonly base: string };
}

/** Most commits whose authors are looked at. */
const MOST_COMMITS = 1_000;

/** How the addresses of agentq's own commits end: the checkout may follow the queue meanwhile. */
const QUEUE_AUTHOR = /@agentq\.invalid$/;

const ALL_BRANCHES = 'refs/heads/';

/** Sees whether a command has left a commit or a change. Files that git ignores do not count. */
export class WorkTrace {
  readonly #git: GitClient;
  readonly #refs: string;
  readonly #known: readonly string[];
  readonly #status: string;

  private constructor(git: GitClient, refs: string, known: readonly string[], status: string) {
    this.#git = git;
    this.#refs = refs;
    this.#known = known;
    this.#status = status;
  }

  /** Notes what is there before the command runs. */
  static async begin({ worktree, ...options }: WorkPlace): Promise<WorkTrace> {
    const git = createGitClient(options);
    if (worktree !== undefined) return new WorkTrace(git, `refs/heads/${worktree.branch}`, [worktree.base], '');
    return new WorkTrace(git, ALL_BRANCHES, await tips(git, ALL_BRANCHES), await statusOf(git));
  }

  /** @throws GitError if the folder is not a working tree any more */
  async hasWork(): Promise<boolean> {
    if ((await statusOf(this.#git)) !== this.#status) return true;
    const fresh = (await tips(this.#git, this.#refs)).filter((tip) => !this.#known.includes(tip));
    if (fresh.length === 0) return false;
    const range = [...fresh, '--not', ...this.#known];
    const authors = await this.#git.run(['log', `--max-count=${MOST_COMMITS}`, '--format=%ae', ...range]);
    return authors.split('\n').some((author) => author !== '' && !QUEUE_AUTHOR.test(author));
  }
}

/** The commits of HEAD and of these refs. */
async function tips(git: GitClient, refs: string): Promise<readonly string[]> {
  const head = await git.attempt(['rev-parse', '-q', '--verify', 'HEAD^{commit}']);
  const branches = await git.run(['for-each-ref', '--format=%(objectname)', refs]);
  const found = [...head.stdout.split('\n'), ...branches.split('\n')].filter((oid) => oid !== '');
  return [...new Set(found)];
}

function statusOf(git: GitClient): Promise<string> {
  return git.run(['status', '--porcelain=v1', '-z', '--untracked-files=normal']);
}
