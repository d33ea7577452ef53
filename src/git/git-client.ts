import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { GitError as SimpleGitError, type SimpleGitOptions, simpleGit } from 'simple-git';
import { Failure } from '../domain/failure.ts';
import { gitEnvironment } from './git-env.ts';
import { releaseStderr } from './release-stderr.ts';
import { plainLines } from './words.ts';

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
   * @param config settings for this command only, each `key=value`.
   * @returns stdout, untrimmed.
   * @throws GitError when git exits other than 0; Failure `interrupted` or `git-unusable`.
   */
  run(args: readonly string[], config?: readonly string[]): Promise<string>;
  /** As `run`, but an exit code other than 0 is an answer. */
  attempt(args: readonly string[], config?: readonly string[]): Promise<GitResult>;
  /** A client for another folder with the same environment, signal and counter. */
  at(dir: string): GitClient;
  /** Starts a process that is talked to through its pipes; see `git-process.ts`. It is not ended by the signal. */
  spawn(args: readonly string[], config?: readonly string[]): ChildProcessWithoutNullStreams;
}

/** Git ran and said no. `message` is what it said, in short. */
export class GitError extends SimpleGitError implements GitResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Arguments of the command, without settings; filled in by the client. */
  args: readonly string[] = [];

  constructor(result: GitResult) {
    super(undefined, plainLines(result.stderr).slice(0, 3).join('; ') || `git exited with ${result.exitCode}`);
    this.name = 'GitError';
    this.exitCode = result.exitCode;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
  }
}

/** No background upkeep (it would race with other processes in the clone) and none of the repository's hooks. */
const BASE_CONFIG = ['gc.auto=0', 'maintenance.auto=false', 'core.hooksPath=/dev/null'];

/**
 * simple-git guards callers that pass on strings of strangers. Here arguments are built by us from checked names, and the
 * environment is the user's own, so what it says about ssh, credentials and configuration is to be honoured.
 */
const TRUSTED_ENVIRONMENT = {
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true,
  allowUnsafeInclude: true,
  allowUnsafeMergeDriver: true,
  allowUnsafePack: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeSubmodule: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeUrlRewrite: true,
  // false would set GIT_TEST_DISALLOW_ABBREVIATED_OPTIONS for server hooks of a file:// remote too.
  allowAbbreviatedOptions: true,
} as const satisfies NonNullable<SimpleGitOptions['unsafe']>;

/**
 * A client for the folder. Starts nothing yet.
 * @throws Failure `not-a-repository` where the folder does not exist.
 */
export function createGitClient(options: GitClientOptions): GitClient {
  return clientAt(options.dir, {
    env: gitEnvironment(options.env),
    signal: options.signal,
    onProcess: options.onProcess,
    processes: 0,
  });
}

interface Shared {
  readonly env: Record<string, string>;
  readonly signal: AbortSignal | undefined;
  readonly onProcess: ((args: readonly string[]) => void) | undefined;
  processes: number;
}

function clientAt(dir: string, shared: Shared): GitClient {
  const { env, signal } = shared;
  const git = openSimpleGit(dir, env, signal);

  function commandLine(args: readonly string[], config: readonly string[]): string[] {
    shared.processes += 1;
    shared.onProcess?.(args);
    return [...[...BASE_CONFIG, ...config].flatMap((setting) => ['-c', setting]), ...args];
  }

  async function run(args: readonly string[], config: readonly string[] = []): Promise<string> {
    throwIfAborted(signal);
    try {
      return await git.raw(commandLine(args, config));
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof GitError))
        throw new Failure('internal', `git ${args[0]}: ${String(error)}`, { cause: error });
      error.args = args;
      if (/^Error: spawn \S+ E/.test(error.stderr)) throw cannotStart(error.stderr, error);
      throw error;
    }
  }

  return {
    dir,
    env,
    signal,
    get processes() {
      return shared.processes;
    },
    run,
    async attempt(args, config) {
      try {
        return { exitCode: 0, stdout: await run(args, config), stderr: '' };
      } catch (error) {
        if (error instanceof GitError) return error;
        throw error;
      }
    },
    at: (other) => clientAt(other, shared),
    spawn: (args, config = []) => spawn('git', commandLine(args, config), { cwd: dir, env, windowsHide: true }),
  };
}

/** @throws Failure `interrupted`, or the Failure that the signal was aborted with, where it is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof Failure ? reason : new Failure('interrupted', 'interrupted', { cause: reason });
}

/** The failure for a git that can't be started at all. */
export function cannotStart(message: string, cause?: unknown): Failure {
  const missing = message.includes('ENOENT');
  return new Failure('git-unusable', missing ? 'git was not found' : `git cannot be started: ${firstLine(message)}`, {
    hint: 'install git 2.39 or newer and make sure it is in PATH',
    cause,
  });
}

function openSimpleGit(dir: string, env: Record<string, string>, signal: AbortSignal | undefined) {
  const options: Partial<SimpleGitOptions> = {
    baseDir: dir,
    maxConcurrentProcesses: 8,
    unsafe: TRUSTED_ENVIRONMENT,
    allowEnvironment: Object.keys(env),
    // Not the `exit` event: with its default of 50 ms, a process that was not scheduled for so long loses output.
    completion: { onClose: true, onExit: false },
    errors: (error, { exitCode, stdOut, stdErr }) => {
      if (error !== undefined && !Buffer.isBuffer(error) && !(error instanceof SimpleGitError)) return error;
      // raw() would resolve for an exit code with nothing on stderr, and its errors carry no exit code.
      if (exitCode === 0 && error === undefined) return undefined;
      return new GitError({ exitCode, stdout: text(stdOut), stderr: text(stdErr) });
    },
    ...(signal === undefined ? {} : { abort: signal }),
  };
  try {
    const git = simpleGit(options).env(env);
    return git.outputHandler((_command, stdout, stderr) => {
      // A command that prints nothing would be held back for 50 ms: 54 instead of 3.
      stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
      stdout.once('end', () => releaseStderr(stderr));
    });
  } catch (error) {
    throw new Failure('not-a-repository', `there is no folder ${JSON.stringify(dir)}`, { cause: error });
  }
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function firstLine(value: string): string {
  return value.split('\n', 1)[0] ?? '';
}
