import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogEntry, log } from '../../src/git/history/history.ts';
import { buildCommits } from '../../src/git/objects/fast-import.ts';
import { createGitClient } from '../../src/git/process/git-client.ts';
import { type Identity, openRepository } from '../../src/git/repository/repository.ts';

/** A commit of a sandbox's remote, made of whole files. */
export interface SandboxCommit {
  readonly message: string;
  readonly author: Identity;
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
  /** Content by path; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
}

export interface SandboxOptions {
  /** Folder in which the sandbox's own folder is made. */
  readonly parent: string;
  /** Branch that gets the commits and that clones check out. */
  readonly branch: string;
  /** History of the branch, oldest first; at least one commit. */
  readonly commits: readonly SandboxCommit[];
  /** The caller's environment; only a little of it gets in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * A bare repository and clones of it, in a temporary folder: for demos and simulations, never a user's own queue. It
 * does not depend on the configuration of git on this machine, nor on its user.
 */
export interface Sandbox {
  /** Absolute. */
  readonly root: string;
  /** The bare repository, absolute. */
  readonly remote: string;
  /** Environment for everything that runs in the sandbox. */
  readonly env: Readonly<Record<string, string>>;
  /** Clones the remote into `root/<name>`. @returns the clone's folder */
  clone(name: string): Promise<string>;
  /** Commits of the branch, oldest first. */
  log(): Promise<readonly LogEntry[]>;
  /** Removes the whole folder. All processes that work in it must have ended. */
  remove(): Promise<void>;
}

/**
 * Makes the folder and the bare repository in it.
 * @throws Failure `git-unusable` or `interrupted`; nothing is left behind then
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  // The real path: a clone is the same queue for all processes only if all of them use the same name for it.
  const root = await realpath(await mkdtemp(join(options.parent, 'agentq-sandbox-')));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  try {
    return { ...(await fill(root, options)), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function fill(root: string, options: SandboxOptions): Promise<Omit<Sandbox, 'remove'>> {
  const { branch, commits, signal } = options;
  const env = sandboxEnvironment(options.env, root);
  const git = createGitClient({ dir: root, env, signal });
  const remote = join(root, 'queue.git');
  const home = env.HOME ?? root;
  await mkdir(home);
  await git.run(['init', '-q', '--bare', `--initial-branch=${branch}`, remote]);
  const bare = await openRepository(git.at(remote));
  const specs = commits.map(({ message, author, timeSeconds, files }) => ({
    message,
    author,
    committer: author,
    timeSeconds,
    changes: Object.entries(files).map(([path, content]) =>
      content === null
        ? { path, delete: true as const }
        : { path, mode: '100644' as const, content: Buffer.from(content, 'utf8') },
    ),
  }));
  const tip = (await buildCommits(bare, undefined, specs)).at(-1);
  if (tip === undefined) throw new Error('a sandbox needs a commit');
  await bare.git.run(['update-ref', `refs/heads/${branch}`, tip]);
  return {
    root,
    remote,
    env,
    async clone(name) {
      await git.run(['clone', '-q', remote, name]);
      return join(root, name);
    },
    async log() {
      const entries: LogEntry[] = [];
      for await (const entry of log(bare, { tip: `refs/heads/${branch}`, reverse: true })) entries.push(entry);
      return entries;
    },
  };
}

/**
 * Variables that programs need to start. None that tells git or agentq how to behave: no settings, identity or token.
 */
const KEPT = /^(PATH|PATHEXT|SYSTEMROOT|WINDIR|COMSPEC|LANG|LC_\w+|TZ|NODE_\w+|GIT_EXEC_PATH|LD_LIBRARY_PATH)$/i;

/** The part of an environment that a sandbox in `root` lets in, with home and temporary files inside. */
function sandboxEnvironment(env: Readonly<Record<string, string | undefined>>, root: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && KEPT.test(name)) kept[name] = value;
  }
  const home = join(root, 'home');
  return {
    ...kept,
    HOME: home,
    XDG_CONFIG_HOME: home,
    TMPDIR: root,
    TEMP: root,
    TMP: root,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // No templates: repositories made here have no hooks.
    GIT_TEMPLATE_DIR: '',
  };
}
