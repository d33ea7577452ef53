/** What a finished git process gave. `stdout` and `stderr` are decoded as UTF-8. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GitClientOptions {
  /** Where git runs: any folder of a work tree, or a git directory. */
  readonly dir: string;
  /** The environment to run in; variables that would send git to another repository are dropped. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends every child process when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each git process as it is started, with its arguments (for `-v`). */
  readonly onProcess?: ((args: readonly string[]) => void) | undefined;
}

/** Runs git in one folder. Everything agentq asks of git goes through one of these. */
export interface GitClient {
  readonly dir: string;
  /** The environment that children get. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** How many git processes were started so far. */
  readonly processes: number;
  /**
   * Runs git to its end.
   * @returns stdout, untrimmed.
   * @throws GitError when git exits other than 0; Failure `interrupted` or `git-unusable`.
   */
  run(args: readonly string[], config?: readonly string[]): Promise<string>;
  /** As `run`, but an exit code other than 0 is an answer. */
  attempt(args: readonly string[], config?: readonly string[]): Promise<GitResult>;
}

export function createGitClient(_options: GitClientOptions): GitClient {
  throw new Error('not built yet');
}
