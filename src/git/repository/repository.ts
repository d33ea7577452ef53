import { readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { BASE_CONFIG, type GitClient } from '../process/git-client.ts';
import { runText } from '../process/git-process.ts';
import { wordsOf } from '../process/words.ts';
import { factsOfOrdinaryClone, type RepositoryFacts } from './facts.ts';
import { byKey, parseConfigListing, type Settings } from './git-config.ts';
import { MadeObjects } from './made-objects.ts';
import { type RemoteInfo, remotesIn } from './remotes.ts';

/** `cat-file --batch-command` is newer than 2.35; 2.39 is the oldest version that is tested. */
const OLDEST_MINOR = 39;

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** What HEAD is: a branch (which may be unborn), or a commit. */
export type Head = { readonly kind: 'branch'; readonly ref: string } | { readonly kind: 'detached' };

/** A repository, in its state when it was opened. */
export interface Repository extends RepositoryFacts {
  readonly git: GitClient;
  /** What this process has made last. */
  readonly made: MadeObjects;
  /** Whether some remote is a promisor, so that objects may be missing. */
  readonly partial: boolean;
  readonly head: Head;
  /** The id that means no object: 40 or 64 zeros. */
  readonly zeroId: string;
  readonly remotes: ReadonlyMap<string, RemoteInfo>;
  /** The configured committer; undefined if there is none (git's guess from the host name does not count). */
  readonly identity: Identity | undefined;
  /**
   * The last value of a configuration variable, by its lower-case key (`agentq.branch`).
   * @param whose `users`: without what we tell every git of ours
   */
  config(key: string, whose?: 'users' | 'any'): string | undefined;
}

/**
 * Reads what agentq must know about the repository: with one process for an ordinary clone, otherwise with two.
 * @throws Failure `not-a-repository` or `git-unusable`
 */
export async function openRepository(git: GitClient): Promise<Repository> {
  const listing = await runText(git, ['config', '--list', '-z']);
  const listed = parseConfigListing(listing.stdout);
  const settings = byKey(listed);
  const users = listed.slice(0, -BASE_CONFIG.length);
  const facts = factsOfOrdinaryClone(git.dir, git.env, settings) ?? (await askForFacts(git));
  const remotes = remotesIn(settings);
  return {
    git,
    made: new MadeObjects(),
    ...facts,
    partial: settings.has('extensions.partialclone') || [...remotes.values()].some((remote) => remote.promisor),
    head: await readHead(git, facts.gitDir),
    zeroId: '0'.repeat(facts.objectFormat === 'sha256' ? 64 : 40),
    remotes,
    identity: readIdentity(git.env, settings),
    config: (key, whose = 'any') =>
      whose === 'any' ? settings.get(key)?.at(-1) : users.findLast((setting) => setting.key === key)?.value,
  };
}

async function askForFacts(git: GitClient): Promise<RepositoryFacts> {
  const answer = await runText(git, [
    'rev-parse',
    '--path-format=absolute',
    '--is-bare-repository',
    '--is-shallow-repository',
    '--show-object-format',
    '--absolute-git-dir',
    '--git-common-dir',
    '--is-inside-work-tree',
    '--show-cdup',
  ]);
  if (answer.exitCode !== 0) throw await openFailure(git, answer.stderr);
  const [bare, shallow, format, gitDir, commonDir, inside, cdup] = answer.stdout.split('\n');
  if (gitDir === undefined || commonDir === undefined) {
    throw new Failure('internal', `git rev-parse answered ${JSON.stringify(answer.stdout)}`);
  }
  return {
    gitDir,
    commonDir,
    workTree: inside === 'true' ? resolve(realpathSync.native(git.dir), cdup ?? '') : undefined,
    bare: bare === 'true',
    shallow: shallow === 'true',
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
  };
}

/** The failure for a git that lacks something agentq needs. */
export function tooOld(message: string): Failure {
  return new Failure('git-unusable', message, { hint: `agentq needs git 2.${OLDEST_MINOR} or newer` });
}

/** Asks for git's version only after a failure: that saves a process for everyone whose git is new enough. */
async function openFailure(git: GitClient, stderr: string): Promise<Failure> {
  const version = (await git.attempt(['version'])).stdout.trim();
  const [major = 0, minor = 0] = (/(\d{1,4})\.(\d{1,4})/.exec(version) ?? []).slice(1).map(Number);
  if (major < 2 || (major === 2 && minor < OLDEST_MINOR)) {
    return tooOld(`${version} is too old`);
  }
  const owner = /detected dubious ownership in repository at '(.{0,4096})'/.exec(stderr);
  if (owner !== null) {
    return new Failure('not-a-repository', `git does not trust this repository: ${owner[0]}`, {
      hint: `git config --global --add safe.directory ${owner[1]}`,
    });
  }
  if (stderr.includes('not a git repository')) {
    return new Failure('not-a-repository', `${JSON.stringify(git.dir)} is not in a git repository`, {
      hint: 'run agentq inside a clone, or name one with -C <dir>',
    });
  }
  return new Failure('not-a-repository', `git cannot use ${JSON.stringify(git.dir)}: ${wordsOf(stderr)}`);
}

/** What the HEAD of the git directory is now. */
export async function readHead(git: GitClient, gitDir: string): Promise<Head> {
  const text = headFile(gitDir);
  const ref = /^ref: (\S+)/.exec(text)?.[1];
  if (ref !== undefined && ref !== 'refs/heads/.invalid') return { kind: 'branch', ref };
  if (ref === undefined && /^[0-9a-f]{40,64}$/.test(text.trim())) return { kind: 'detached' };
  // A symbolic link (very old) or reftable (newer than this code): ask git.
  const answer = await git.attempt(['symbolic-ref', '-q', 'HEAD']);
  return answer.exitCode === 0 ? { kind: 'branch', ref: answer.stdout.trim() } : { kind: 'detached' };
}

function headFile(gitDir: string): string {
  try {
    return readFileSync(join(gitDir, 'HEAD'), 'utf8');
  } catch {
    return '';
  }
}

/** In git's order: environment, committer.*, user.*, EMAIL. Never git's guess from login and host name. */
function readIdentity(env: Readonly<Record<string, string>>, settings: Settings): Identity | undefined {
  const last = (key: string) => settings.get(key)?.at(-1) || undefined;
  const name = env.GIT_COMMITTER_NAME || last('committer.name') || last('user.name');
  const email = env.GIT_COMMITTER_EMAIL || last('committer.email') || last('user.email') || env.EMAIL;
  return name && email ? { name, email } : undefined;
}
