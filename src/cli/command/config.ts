import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { branchProblem, remoteProblem } from '../../domain/base/names.ts';
import { MOST_RETRIES, SETTINGS_FILE } from '../../domain/base/settings-file.ts';
import type { BackoffPolicy } from '../../engine/base/backoff.ts';
import type { Settings } from '../../store/reading/settings.ts';
import type { Input } from './input.ts';
import type { ChosenMeet, GivenMeet } from './meeting/meet.ts';

/**
 * Where the queue is and how to work with it. Flags win over the environment, then the settings file, then defaults.
 */
export interface Config {
  /** Absolute. */
  readonly dir: string;
  /** undefined: none was named. */
  readonly remote: string | undefined;
  readonly branch: string;
  /** Whether projects on other branches belong to it: they do not if the command line names a branch. */
  readonly reach: 'every-branch' | 'this-branch';
  readonly maxRetries: number;
  readonly backoff: BackoffPolicy;
  readonly combine: Combine;
  readonly pushLimit: number;
  /** Where machines meet; undefined: nothing was said about it. */
  readonly meet: ChosenMeet | undefined;
  readonly timeoutMs: number | undefined;
  /** Whether commands share a connection where git reaches the remote by ssh. */
  readonly ssh: 'shared' | 'apart';
  /** Whether a queue that is made here gets signed commits. */
  readonly signing: 'on' | 'off';
  /** Whether the checkout follows the queue after a success. */
  readonly checkout: 'follow' | 'leave';
}

/** Whose intents share a push. */
export type Combine = 'local' | 'remote' | 'all' | 'none';

/** What the command line and the environment say, checked before any file is read. */
export interface GivenConfig {
  readonly dir: string;
  readonly remote: string | undefined;
  readonly branch: string | undefined;
  readonly reach: 'every-branch' | 'this-branch';
  readonly maxRetries: number | undefined;
  readonly combine: Combine | undefined;
  readonly pushLimit: number | undefined;
  readonly meet: GivenMeet;
  readonly backoff: 'full-jitter' | 'guide' | undefined;
  readonly backoffBaseMs: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly checkout: 'follow' | 'leave';
}

export const DEFAULT_BRANCH = 'develop';
export const DEFAULT_MAX_RETRIES = 8;
export const DEFAULT_BACKOFF_BASE_MS = 250;
/** The limit of the old scale guide. */
export const DEFAULT_PUSH_LIMIT = 20;
const MOST_PUSHES = 10_000;

/** Largest settings file (bytes) that is read: anything larger is not a settings file. */
const LONGEST_FILE = 1_000_000;

/** The part of the configuration that the command line and the environment give. */
export function givenConfig(input: Input, cwd: string): GivenConfig {
  return {
    dir: resolve(cwd, input.text('C', directoryProblem) ?? '.'),
    remote: input.text('remote', remoteProblem),
    // What `agentq merge` merges into is what other commands work on.
    branch: input.typed('into', branchProblem) ?? input.branch(),
    reach: isBranchNamed(input) ? 'this-branch' : 'every-branch',
    maxRetries: input.integer('max-retries', 0, MOST_RETRIES),
    combine: input.isOff('combine') ? 'none' : input.word('combine', ['all', 'local', 'remote', 'none']),
    pushLimit: input.integer('push-limit', 1, MOST_PUSHES),
    meet: {
      option: input.typed('meet', anyText),
      variable: input.workers('AGENTQ_MEET'),
      file: input.workers('AGENTQ_MEET_FILE'),
      cwd,
    },
    backoff: input.word('backoff', ['full-jitter', 'guide']),
    backoffBaseMs: input.duration('backoff-base'),
    timeoutMs: input.duration('timeout'),
    checkout: input.isOff('sync') ? 'leave' : 'follow',
  };
}

/** Whether the command line names a branch: one that the environment or a file names is only where the queue begins. */
function isBranchNamed(input: Input): boolean {
  return (input.argument('branch', branchProblem) ?? input.typed('branch', branchProblem)) !== undefined;
}

/**
 * The whole configuration, including the settings file of the working tree.
 * @throws Failure `not-a-repository` if there is no such directory, `config-invalid` if the file cannot be used,
 *   `usage` if what is given is not a meeting place
 */
export async function resolveConfig(given: GivenConfig): Promise<Config> {
  if (statSync(given.dir, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure('not-a-repository', `there is no directory ${given.dir}`);
  }
  const file = await fileSettings(given.dir);
  return {
    dir: given.dir,
    remote: given.remote ?? file.remote,
    branch: given.branch ?? file.branch ?? DEFAULT_BRANCH,
    reach: given.reach,
    maxRetries: given.maxRetries ?? file.maxRetries ?? DEFAULT_MAX_RETRIES,
    backoff: {
      schedule: given.backoff ?? file.backoff ?? 'full-jitter',
      baseMs: given.backoffBaseMs ?? file.backoffBaseMs ?? DEFAULT_BACKOFF_BASE_MS,
    },
    pushLimit: given.pushLimit ?? file.pushLimit ?? DEFAULT_PUSH_LIMIT,
    combine: given.combine ?? file.combine ?? 'all',
    meet: await meetOf(given.meet, file.meet),
    timeoutMs: given.timeoutMs ?? file.timeoutMs,
    ssh: file.sshShare === true ? 'shared' : 'apart',
    signing: file.sign === true ? 'on' : 'off',
    checkout: given.checkout,
  };
}

/** Most commands meet nowhere, and load nothing for it. */
async function meetOf(given: GivenMeet, setting: string | undefined): Promise<ChosenMeet | undefined> {
  const { option, variable, file } = given;
  if (option === undefined && variable === undefined && file === undefined && setting === undefined) return undefined;
  const { chooseMeet } = await import('./meeting/meet.ts');
  return chooseMeet(given, setting);
}

/** The text is checked where it is read, and no message repeats it: there may be a password in it. */
function anyText(): undefined {
  return undefined;
}

async function fileSettings(dir: string): Promise<Settings> {
  const root = workTreeAbove(dir);
  if (root === undefined) return {};
  const text = readOptional(join(root, SETTINGS_FILE));
  if (text === undefined) return {};
  // zod and the TOON library take longer to load than git does: only a repository that has settings pays for them.
  const { parseSettings } = await import('../../store/reading/settings.ts');
  return parseSettings(text, SETTINGS_FILE);
}

/**
 * The text of the file, or undefined if there is none. Another user may have committed it, even as a link: what was
 * opened is checked before it is read, and opening it never blocks.
 */
function readOptional(path: string): string | undefined {
  let file: number | undefined;
  try {
    if (!existsSync(path)) return undefined;
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Failure('config-invalid', `${SETTINGS_FILE} is not a regular file`);
    if (stat.size > LONGEST_FILE)
      throw new Failure('config-invalid', `${SETTINGS_FILE} is too large for settings: ${stat.size} bytes`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('config-invalid', `${SETTINGS_FILE} cannot be read: ${words}`, { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * The top of the working tree that the folder is in, found without git, which would cost every command one more
 * process.
 */
export function workTreeAbove(dir: string): string | undefined {
  for (let at = dir; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

function directoryProblem(value: string): string | undefined {
  return value.includes('\0') ? 'the directory has a NUL in its name' : undefined;
}
