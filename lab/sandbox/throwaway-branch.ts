import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Failure } from '../../src/domain/base/failure.ts';
import { buildCommits } from '../../src/git/objects/fast-import.ts';
import { createGitClient, type GitClient } from '../../src/git/process/git-client.ts';
import { GitError } from '../../src/git/process/git-error.ts';
import { runText } from '../../src/git/process/git-process.ts';
import { wordsOf } from '../../src/git/process/words.ts';
import { parseConfigListing } from '../../src/git/repository/git-config.ts';
import { openRepository } from '../../src/git/repository/repository.ts';
import type { SandboxCommit } from './sandbox.ts';

export interface ThrowawayOptions {
  /** A folder of the user's repository. */
  readonly dir: string;
  /** Name of one of its remotes. */
  readonly remote: string;
  /** Name of the branch; no other branch may have it. */
  readonly branch: string;
  /** The first commit of the branch. */
  readonly commit: SandboxCommit;
  /** Folder in which the branch's own folder is made. */
  readonly parent: string;
  /** The user's environment, which is needed to reach the remote. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** A temporary branch on one of the user's remotes, and a separate repository that knows it. */
export interface ThrowawayBranch {
  /** Absolute; everything on this machine is in it. */
  readonly root: string;
  /** A repository without files, to copy from. */
  readonly original: string;
  readonly ref: string;
  /** Git in {@link original}; an interrupt does not end it. */
  readonly git: GitClient;
  /** Fetches the branch as it is now. */
  fetch(): Promise<void>;
  /**
   * Removes the branch from the remote, the leftover refs that the caller names, and the folder.
   * @throws Failure `remote-refused` if the branch is still there
   */
  remove(leftovers: readonly string[]): Promise<void>;
}

/** Settings that are needed to reach the remote; all others stay out. */
const REACH = /^(http|credential|url|ssh)\.|^core\.(sshcommand|askpass|gitproxy)$/i;

/**
 * Makes the branch. The user's own repository is only read: the URL of its remote, and how to reach it.
 * @throws Failure `remote-missing`, `remote-refused`, `git-unusable` or `interrupted`
 */
export async function createThrowawayBranch(options: ThrowawayOptions): Promise<ThrowawayBranch> {
  const { dir, remote, branch, env, signal, commit } = options;
  const user = await openRepository(createGitClient({ dir, env, signal }));
  const url = user.remotes.get(remote)?.url;
  if (url === undefined) throw new Failure('remote-missing', `this repository has no remote ${remote} with a URL`);
  const root = await realpath(await mkdtemp(join(options.parent, 'agentq-sandbox-')));
  const removeFolder = (): Promise<void> => rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  const original = join(root, 'original');
  const ref = `refs/heads/${branch}`;
  await mkdir(original);
  const git = createGitClient({ dir: original, env: { ...env, GIT_TEMPLATE_DIR: '' } });
  try {
    await git.run(['init', '-q', `--initial-branch=${branch}`]);
    const listing = await user.git.run(['config', '--local', '--list', '-z']);
    const address = /^([a-z][a-z0-9+.-]*:\/\/|[^/]+:)/i.test(url) ? url : resolve(user.workTree ?? user.gitDir, url);
    const reach = parseConfigListing(listing).filter(({ key }) => REACH.test(key));
    for (const { key, value } of [{ key: `remote.${remote}.url`, value: address }, ...reach]) {
      await addSetting(git, key, value);
    }
    const changes = Object.entries(commit.files).flatMap(([path, content]) =>
      content === null ? [] : [{ path, mode: '100644' as const, content: Buffer.from(content, 'utf8') }],
    );
    const { message, author, timeSeconds } = commit;
    const spec = { message, author, committer: author, timeSeconds, changes };
    const [tip = ''] = await buildCommits(await openRepository(git), undefined, [spec]);
    signal?.throwIfAborted();
    await push(git, remote, [`--force-with-lease=${ref}:`, `${tip}:${ref}`]);
    await git.run(['update-ref', '--no-deref', 'HEAD', tip]);
  } catch (error) {
    await removeFolder();
    throw error;
  }
  return {
    root,
    original,
    ref,
    git,
    fetch: async () => {
      await git.run(['fetch', '-q', '--no-tags', remote, `+${ref}:${ref}`]);
    },
    async remove(leftovers) {
      try {
        for (const leftover of leftovers) await git.attempt(['push', '-q', '--no-verify', remote, `:${leftover}`]);
        await push(git, remote, [`:${ref}`]);
      } finally {
        await removeFolder();
      }
    },
  };
}

async function push(git: GitClient, remote: string, what: readonly string[]): Promise<void> {
  const flags = what.filter((word) => word.startsWith('--'));
  const specs = what.filter((word) => !word.startsWith('--'));
  const { exitCode, stderr } = await git.attempt(['push', '-q', '--no-verify', ...flags, remote, ...specs]);
  if (exitCode === 0) return;
  throw new Failure('remote-refused', `${remote} refused ${specs.join(' ')}: ${wordsOf(stderr)}`);
}

/** The setting is the user's own, from another repository, but simple-git would refuse it. */
async function addSetting(git: GitClient, key: string, value: string): Promise<void> {
  const args = ['config', '--add', key, value];
  const result = await runText(git, args);
  if (result.exitCode !== 0) throw new GitError(args, result);
}
