import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { statSync } from 'node:fs';
import { Failure } from '../../domain/base/failure.ts';
import { startInBackground } from './background.ts';
import { gitEnvironment, serverEnvironment } from './git-env.ts';
import { GitError, type GitResult } from './git-error.ts';
import { localTrouble, machineTrouble, troubleIn } from './local-trouble.ts';
import { startInOwnGroup } from './own-group.ts';
import type { Runner } from './simple-git-runner.ts';

/**
 * @param args of a git process that starts
 * @param ended settles when it has ended, and never rejects; absent: nobody waits for it
 */
export type OnProcess = (args: readonly string[], ended?: Promise<void>) => void;

export interface GitClientOptions {
  /** Where git runs: any folder in a working tree, or a git directory. */
  readonly dir: string;
  /** The environment to run in; variables that would send git to another repository are dropped. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** When aborted, ends every child process. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each git process that is started. */
  readonly onProcess?: OnProcess | undefined;
}

/**
 * Runs git in one folder. All of agentq's git commands go through one of these.
 *
 * `run` and `attempt` use simple-git, which is loaded when first needed. The commands of every claim go through
 * `git-process.ts` instead, because loading simple-git and starting processes through it cost 7 ms of a claim's 150.
 */
export interface GitClient {
  readonly dir: string;
  /** The environment of child processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** How many git processes have been started so far. */
  readonly processes: number;
  /**
   * Runs git to its end.
   * @param config settings for this command only, each `key=value`
   * @returns stdout, untrimmed
   * @throws GitError if git exits with anything but 0; Failure `interrupted`, `git-unusable`, `machine-unusable` or
   * `repository-damaged`
   */
  run(args: readonly string[], config?: readonly string[]): Promise<string>;
  /** As `run`, but an exit code other than 0 is a result, not an error. */
  attempt(args: readonly string[], config?: readonly string[]): Promise<GitResult>;
  /** A client for another folder with the same environment, signal and counter. */
  at(dir: string): GitClient;
  /**
   * Starts a process to use through its pipes; see `git-process.ts`. The signal does not end it.
   * @param variables in addition to the client's environment
   */
  spawn(
    args: readonly string[],
    config?: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): ChildProcessWithoutNullStreams;
  /**
   * Starts a process as {@link spawn}, but as the server of a remote in a folder: without our settings, which would
   * turn off the hooks of the server, and without those that the environment has for our repository.
   */
  spawnServer(
    args: readonly string[],
    config?: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): ChildProcessWithoutNullStreams;
  /** Starts a process that nobody waits for, and that may outlive this one. Never throws. */
  startAlone(args: readonly string[], config?: readonly string[]): void;
}

/** Commands that are safe to repeat. */
const READS_ONLY: ReadonlySet<string> = new Set([
  'cat-file',
  'for-each-ref',
  'ls-files',
  'ls-remote',
  'merge-base',
  'rev-list',
  'rev-parse',
  'status',
  'symbolic-ref',
  'version',
]);

/** A process that a signal ended has no exit code. */
function wasKilled({ exitCode }: { readonly exitCode: number | null }): boolean {
  return exitCode === null;
}

/**
 * No maintenance while we work (it would take time from a claim, and prune what another process is about to push) and
 * no hooks of the repository. Git lists these after all settings of the user.
 */
export const BASE_CONFIG: readonly string[] = ['gc.auto=0', 'maintenance.auto=false', 'core.hooksPath=/dev/null'];

/**
 * A client for the folder. Starts no process yet.
 * @throws Failure `not-a-repository` if the folder does not exist
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
  readonly onProcess: OnProcess | undefined;
  processes: number;
}

function clientAt(dir: string, shared: Shared): GitClient {
  const { env, signal } = shared;
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure('not-a-repository', `there is no folder ${JSON.stringify(dir)}`);
  }
  let runner: Promise<Runner> | undefined;

  function starting(args: readonly string[], ended?: Promise<void>): void {
    shared.processes += 1;
    shared.onProcess?.(args, ended);
  }

  function commandLine(args: readonly string[], config: readonly string[], base = BASE_CONFIG): string[] {
    return [...[...base, ...config].flatMap((setting) => ['-c', setting]), ...args];
  }

  function started(
    args: readonly string[],
    line: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): ChildProcessWithoutNullStreams {
    const child = startGit(() => startInOwnGroup(args[0], line, { cwd: dir, env: variables }));
    starting(args, shared.onProcess && new Promise((resolve) => child.once('close', () => resolve())));
    return child;
  }

  async function attempt(args: readonly string[], config: readonly string[] = []): Promise<GitResult> {
    throwIfAborted(signal);
    runner ??= import('./simple-git-runner.ts').then(({ openSimpleGit }) => openSimpleGit(dir, env, signal));
    const git = await runner;
    throwIfAborted(signal);
    const run = async (): Promise<GitResult> => {
      try {
        const running = git(commandLine(args, config));
        starting(args, running.then(nothing, nothing));
        return await running;
      } catch (error) {
        throwIfAborted(signal);
        // simple-git throws this if node has no file descriptors left for the pipes of a process.
        if (error instanceof TypeError) throw cannotStart('spawn git EMFILE', error);
        throw troubleIn(error) ?? new Failure('internal', `git ${args[0]}: ${String(error)}`, { cause: error });
      }
    };
    let result = await run();
    // simple-git starts its processes in our group. A signal to the group ended git but not us: we still need the
    // result.
    if (wasKilled(result) && READS_ONLY.has(args[0] ?? '') && !signal?.aborted) result = await run();
    if (result.exitCode !== 0) throwIfAborted(signal);
    if (/^Error: spawn \S+ E/.test(result.stderr)) throw cannotStart(result.stderr);
    return result;
  }

  return {
    dir,
    env,
    signal,
    get processes() {
      return shared.processes;
    },
    async run(args, config) {
      const result = await attempt(args, config);
      if (result.exitCode !== 0) throw localTrouble(result.stderr) ?? new GitError(args, result);
      return result.stdout;
    },
    attempt,
    at: (other) => clientAt(other, shared),
    spawn: (args, config = [], variables = {}) => started(args, commandLine(args, config), { ...env, ...variables }),
    spawnServer: (args, config = [], variables = {}) =>
      started(args, commandLine(args, config, []), { ...serverEnvironment(env), ...variables }),
    startAlone(args, config = []) {
      starting(args);
      startInBackground(commandLine(args, config), { cwd: dir, env });
    },
  };
}

function nothing(): void {}

/** @throws Failure `interrupted`, or the Failure that the signal was aborted with, if it is aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof Failure ? reason : new Failure('interrupted', 'interrupted', { cause: reason });
}

/** @throws Failure `machine-unusable` if node fails at once, without file descriptors or memory for a process */
function startGit(start: () => ChildProcessWithoutNullStreams): ChildProcessWithoutNullStreams {
  let child: ChildProcessWithoutNullStreams;
  try {
    child = start();
  } catch (error) {
    throw cannotStart(String(error), error);
  }
  const pipes: readonly unknown[] = [child.stdin, child.stdout, child.stderr];
  if (pipes.every((pipe) => pipe !== null && pipe !== undefined)) return child;
  // Without file descriptors, node returns a process without pipes, and reports the reason a moment later.
  child.once('error', () => {});
  throw cannotStart('spawn git EMFILE');
}

/** The failure for a git that cannot be started: there is none, or this machine is at its limits. */
export function cannotStart(message: string, cause?: unknown): Failure {
  const missing = message.includes('ENOENT');
  const trouble = missing || message.includes('EACCES') ? undefined : machineTrouble(new Error(firstLine(message)));
  if (trouble !== undefined) return trouble;
  return new Failure('git-unusable', missing ? 'git was not found' : `git cannot be started: ${firstLine(message)}`, {
    hint: 'install git 2.39 or newer and make sure it is in PATH',
    cause,
  });
}

function firstLine(value: string): string {
  return value.split('\n', 1)[0] ?? '';
}
