/** The branches from which worktrees may start: of the remote, or without one of this repository. */
export interface Code {
  /**
   * Where these branches are, by name; those that do not exist are left out. One question to the remote.
   * @throws Failure of the remote
   */
  tips(branches: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * The branches that a clone may check out when it is made, the one that the remote names first.
   * @throws Failure of the remote
   */
  defaultBranches(): Promise<readonly string[]>;
  /** Whether the commit has anything but a queue. The commit must be in this clone. */
  isIn(commit: string): Promise<boolean>;
  /**
   * Fetches the commit, which a branch was at, unless it is here.
   * @returns `moved` if the remote does not give it any more
   * @throws Failure of the remote
   */
  obtain(branch: string, commit: string): Promise<'present' | 'moved'>;
  /** Whether the one commit, and all before it, is the other or one before it. Both must be in this clone. */
  contains(commit: string, other: string): Promise<boolean>;
}
