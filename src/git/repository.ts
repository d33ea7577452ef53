import type { GitClient } from './git-client.ts';

export interface RemoteInfo {
  readonly name: string;
  /** As configured; undefined where there is only a push URL. */
  readonly url: string | undefined;
  readonly pushUrl: string | undefined;
  /** A partial clone gets its missing objects from here. */
  readonly promisor: boolean;
}

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** What HEAD is: a branch (which may be unborn), or a commit. */
export type Head = { readonly kind: 'branch'; readonly ref: string } | { readonly kind: 'detached' };

/** A repository as it was when it was opened. */
export interface Repository {
  readonly git: GitClient;
  /** Absolute; of this worktree. */
  readonly gitDir: string;
  /** Absolute; shared by all worktrees. */
  readonly commonDir: string;
  /** Absolute top of the work tree; undefined in a bare repository or inside a git directory. */
  readonly workTree: string | undefined;
  readonly bare: boolean;
  readonly shallow: boolean;
  /** Some remote is a promisor: objects may be missing. */
  readonly partial: boolean;
  readonly head: Head;
  readonly objectFormat: 'sha1' | 'sha256';
  /** The id of no object: 40 or 64 zeros. */
  readonly zeroId: string;
  readonly remotes: ReadonlyMap<string, RemoteInfo>;
  /** The configured committer; undefined where none is configured (git's guess from the host name does not count). */
  readonly identity: Identity | undefined;
  /** Last value of a configuration variable, by its lower-case key (`agentq.branch`). */
  config(key: string): string | undefined;
}

/**
 * Reads what agentq must know of the repository, in two concurrent processes.
 * @throws Failure `not-a-repository` or `git-unusable`.
 */
export function openRepository(_git: GitClient): Promise<Repository> {
  throw new Error('not built yet');
}
