import { randomInt } from 'node:crypto';
import { Failure } from '../../domain/base/failure.ts';
import type { Look } from '../answers/look.ts';
import type { RefUpdate } from '../answers/push-outcome.ts';
import { classifyPush } from '../answers/push-report.ts';
import { classifyRead, damagedRemote, noAnswer, unanswered } from '../answers/read-report.ts';
import { isServerDamaged } from '../answers/remote-words.ts';
import type { Ending } from '../process/ending.ts';
import type { GitClient } from '../process/git-client.ts';
import { runText, type TextResult } from '../process/git-process.ts';
import { wordsOf } from '../process/words.ts';
import { sweepDrafts } from '../repository/leftovers.ts';
import type { RemoteInfo } from '../repository/remotes.ts';
import type { Repository } from '../repository/repository.ts';
import { temporaryRef } from '../repository/temporary-ref.ts';
import type { FetchOptions, FetchOutcome, Silences, Upstream } from './upstream.ts';

/**
 * A fetch that leaves no trace but objects, so that any number may run in one clone at once. With 50 processes at once,
 * 2 to 7 of 150 fetches failed with git's defaults (locks of tracking refs), 116 with `--depth` (shallow.lock), none
 * with these.
 */
const TRACELESS = [
  '-q',
  // Progress lines show that the server is at work: silence has a time limit, a long fetch has none.
  '--progress',
  '--no-tags',
  '--no-prune',
  '--no-auto-maintenance',
  '--no-write-fetch-head',
  '--no-write-commit-graph',
  '--no-recurse-submodules',
  '--refmap=',
];

/** Overrides settings of the user that would push more than was asked for, or prompt. */
export const PUSH_CONFIG: readonly string[] = [
  'push.pushOption=',
  'push.negotiate=false',
  'push.useForceIfIncludes=false',
];
export const PUSH_FLAGS: readonly string[] = [
  '--porcelain',
  '--no-verify',
  '--no-follow-tags',
  '--no-signed',
  '--recurse-submodules=no',
];

/**
 * After each push, a remote in a folder looks for garbage, which is two processes and 2 to 5 ms of a claim. One push in 16
 * lets it, told by the last digit of the commit: somebody must collect.
 */
export const COLLECTING = /0$/;
export const WITHOUT_COLLECTING = 'receive.autogc=false';

/** The words of git-fetch for a commit that the remote does not give, or no longer has. */
const NOT_GIVEN =
  /not our ref|unadvertised object|couldn't find remote ref|did not send all necessary objects|bad object|Could not find object/i;

/** Far longer than a working server needs. A caller that wants less aborts the signal. */
export const SILENCES: Silences = { look: 2 * 60_000, fetch: 10 * 60_000, push: 10 * 60_000 };

/** Most bytes of one list of refs, about fifty thousand requests. Anyone who may push can make any number of them. */
const MOST_LISTED = 16 * 1024 * 1024;

/** Most bytes of the report of a push: one line per ref, with the server's reason. */
const MOST_REPORTED = 8 * 1024 * 1024;

/**
 * Runs a command that reads from a remote. Exit codes are results, not errors.
 * @throws the reason of `ending.signal`; Failure `remote-unreachable` after a silence
 */
async function talk(
  git: GitClient,
  remote: string,
  args: readonly string[],
  silenceMs: number,
  { signal }: Ending,
  mostBytes?: number,
): Promise<TextResult> {
  const answer = await runText(git, args, [], { signal, silenceMs, mostBytes });
  if (answer.ended === 'told') signal?.throwIfAborted();
  if (answer.ended === 'silent') throw unanswered(remote, silenceMs);
  return answer;
}

/**
 * A look at a remote that needs to know nothing about the repository: started together with `openRepository`, it costs
 * no extra time. Do not use its result before `openUpstream` has found that the remote exists.
 * @throws Failure `remote-unreachable` or `remote-refused`; the reason of `ending.signal`
 */
export async function lookAtRemote(
  git: GitClient,
  remote: string,
  branchRef: string,
  prefixes: readonly string[],
  ending: Ending = {},
  limits: { readonly silenceMs?: number; readonly mostBytes?: number } = {},
): Promise<Look> {
  const { silenceMs = SILENCES.look, mostBytes = MOST_LISTED } = limits;
  const list = async (branches: readonly string[], under: readonly string[]): Promise<TextResult> => {
    // With --heads, protocol 2 sends only what is under refs/heads/; with patterns alone, every ref of the remote.
    const heads = [...branches, ...under].every((name) => name.startsWith('refs/heads/'));
    const patterns = [...branches, ...under.map((prefix) => `${prefix}*`)];
    const flags = ['-q', '--refs', ...(heads ? ['--heads'] : [])];
    const args = ['ls-remote', ...flags, '--', remote, ...patterns];
    const answer = await talk(git, remote, args, silenceMs, ending, mostBytes);
    if (answer.exitCode !== 0 && answer.ended === undefined) throw classifyRead(answer.stderr, remote);
    return answer;
  };
  const whole = await list([branchRef], prefixes);
  if (whole.ended === undefined) {
    const look = parseLook(whole.stdout, branchRef, prefixes);
    // A server does not list a ref whose object it lacks: then the branch is not missing but damaged.
    if (look.tip === undefined && isServerDamaged(whole.stderr)) throw damagedRemote(remote, wordsOf(whole.stderr));
    return look;
  }
  // There are more refs than one look reads. Git sorts by name, so the branch and all but the first prefix may be
  // missing. The branch is asked for last: it then contains whatever was carried out before the refs were listed.
  const refs = new Map<string, string>();
  const unread = new Map<string, string>();
  for (const prefix of prefixes) {
    const { stdout, ended } = await list([], [prefix]);
    const part = parseLook(ended === undefined ? stdout : wholeLines(stdout), branchRef, [prefix]);
    for (const [ref, oid] of part.refs) refs.set(ref, oid);
    if (ended !== undefined) unread.set(prefix, [...part.refs.keys()].at(-1) ?? '');
  }
  const { stdout } = await list([branchRef], []);
  return { tip: parseLook(stdout, branchRef, []).tip, refs, unread };
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

/**
 * Parses lines of `<oid> TAB <ref>`. Patterns also match the end of a name (`refs/heads/x/refs/heads/develop`):
 * dropped.
 */
export function parseLook(listing: string, branchRef: string, prefixes: readonly string[]): Look {
  let tip: string | undefined;
  const refs = new Map<string, string>();
  for (const line of listing.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const [oid, ref] = [line.slice(0, tab), line.slice(tab + 1)];
    if (ref === branchRef) tip = oid;
    if (prefixes.some((prefix) => ref.startsWith(prefix))) refs.set(ref, oid);
  }
  return { tip, refs };
}

/** The coordination branch on a remote. */
export function remoteUpstream(repository: Repository, remote: RemoteInfo, silences: Silences = SILENCES): Upstream {
  const { git } = repository;
  const { name } = remote;

  async function fetch(wanted: readonly string[], { known = [], ...ending }: FetchOptions): Promise<TextResult> {
    let isDone = false;
    try {
      const tips = known.map((pattern) => `--negotiation-tip=${pattern}`);
      const args = ['fetch', ...TRACELESS, ...tips, '--', name, ...wanted];
      const answer = await talk(git, name, args, silences.fetch, ending);
      isDone = answer.exitCode === 0;
      return answer;
    } finally {
      // A git that fails or is ended leaves what it has received so far.
      if (!isDone) await sweepDrafts(repository);
    }
  }

  /** Whoever has a program of their own for pushes keeps it. */
  function leavesGarbage(updates: readonly RefUpdate[]): boolean {
    if (remote.place !== 'here' || repository.config(`remote.${name}.receivepack`) !== undefined) return false;
    return !updates.some(({ to }) => to !== undefined && COLLECTING.test(to));
  }

  async function fetchByBranch(branchRef: string, oid: string, options: FetchOptions): Promise<FetchOutcome> {
    const ref = temporaryRef();
    try {
      const answer = await fetch([`+${branchRef}:${ref}`], options);
      if (answer.exitCode !== 0) {
        if (NOT_GIVEN.test(answer.stderr)) return { kind: 'moved', words: wordsOf(answer.stderr) };
        throw classifyRead(answer.stderr, name);
      }
      const history = await git.attempt(['merge-base', '--is-ancestor', oid, ref]);
      return history.exitCode === 0
        ? { kind: 'present' }
        : { kind: 'moved', words: `${branchRef} of ${name} does not have ${oid} any more` };
    } finally {
      // Also when aborted: `git.run` would throw then, so this starts its own process.
      await deleteRef(git, ref);
    }
  }

  return {
    name,
    kind: 'remote',
    looking: remote.place === 'here' ? 'cheap' : 'dear',
    look: (branchRef, prefixes, ending) =>
      lookAtRemote(git, name, branchRef, prefixes, ending, { silenceMs: silences.look }),
    defaultTip: () => defaultTip(git, name, silences.look),
    defaultBranches: () => defaultBranches(git, name, silences.look),
    async fetchCommit(branchRef, oid, options = {}) {
      const answer = await fetch([oid], options);
      if (answer.exitCode === 0) return { kind: 'present' };
      // A server with protocol 0 only gives tips; if the branch was rewritten, the server no longer has the commit.
      if (NOT_GIVEN.test(answer.stderr)) return await fetchByBranch(branchRef, oid, options);
      throw classifyRead(answer.stderr, name);
    },
    async fetchObjects(oids, options = {}) {
      const answer = await fetch(oids, options);
      if (answer.exitCode === 0) return true;
      if (NOT_GIVEN.test(answer.stderr)) return false;
      throw classifyRead(answer.stderr, name);
    },
    unshallow: (branchRef, ending = {}) => unshallow(repository, name, branchRef, silences.fetch, ending),
    async push(updates, { atomic = false, signal } = {}) {
      if (signal?.aborted) return { kind: 'transient', words: 'it was ended before it began' };
      const answer = await runText(
        git,
        [
          'push',
          ...PUSH_FLAGS,
          ...(atomic ? ['--atomic'] : []),
          ...(leavesGarbage(updates) ? [`--receive-pack=git -c ${WITHOUT_COLLECTING} receive-pack`] : []),
          ...updates.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`),
          '--',
          name,
          ...updates.map(({ ref, to }) => `${to ?? ''}:${ref}`),
        ],
        [...PUSH_CONFIG, `remote.${name}.mirror=false`],
        { signal, silenceMs: silences.push, mostBytes: MOST_REPORTED },
      );
      const outcome = classifyPush(answer);
      if (answer.ended === undefined || outcome.kind === 'landed') return outcome;
      // Whatever git says about its end, the server may still carry out what was already sent.
      const words = answer.ended === 'silent' ? noAnswer(silences.push) : 'it was ended before the remote answered';
      return { kind: 'unknown', words };
    },
  };
}

/** A HEAD that names a branch which does not exist yet is useless: the usual names are tried. */
async function defaultTip(git: GitClient, remote: string, silenceMs: number): Promise<string | undefined> {
  const names = ['HEAD', 'refs/heads/main', 'refs/heads/master'];
  const answer = await talk(git, remote, ['ls-remote', '-q', '--', remote, ...names], silenceMs, {});
  if (answer.exitCode !== 0) throw classifyRead(answer.stderr, remote);
  const tips = new Map(
    answer.stdout.split('\n').map((line): [string, string] => {
      const [oid = '', ref = ''] = line.split('\t');
      return [ref, oid];
    }),
  );
  return names.map((ref) => tips.get(ref)).find((oid) => oid !== undefined);
}

/** What HEAD names comes first; a HEAD without a branch is left out. */
async function defaultBranches(git: GitClient, remote: string, silenceMs: number): Promise<readonly string[]> {
  const names = ['HEAD', 'refs/heads/main', 'refs/heads/master'];
  const answer = await talk(git, remote, ['ls-remote', '-q', '--symref', '--', remote, ...names], silenceMs, {});
  if (answer.exitCode !== 0) throw classifyRead(answer.stderr, remote);
  const head = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(answer.stdout)?.[1];
  const usual = ['main', 'master'].filter((branch) => answer.stdout.includes(`\trefs/heads/${branch}\n`));
  return [...new Set([...(head === undefined ? [] : [head]), ...usual])];
}

/**
 * Processes that unshallow at once are in each other's way (shallow.lock), and the first does it for all. So a process
 * that failed checks whether there is anything left to do, and tries again.
 */
async function unshallow(
  repository: Repository,
  name: string,
  branchRef: string,
  silenceMs: number,
  ending: Ending,
): Promise<void> {
  const { git } = repository;
  for (let attempt = 1; ; attempt += 1) {
    const shallow = await git.run(['rev-parse', '--is-shallow-repository']);
    if (shallow.trim() !== 'true') return;
    const args = ['fetch', ...TRACELESS, '--unshallow', '--', name, branchRef];
    const answer = await talk(git, name, args, silenceMs, ending);
    if (answer.exitCode === 0) return;
    const contended = /shallow\.lock|shallow file has changed|on a complete repository/.test(answer.stderr);
    if (!contended) throw classifyRead(answer.stderr, name);
    if (attempt === UNSHALLOW_ATTEMPTS) {
      throw new Failure('git-unusable', `the shallow clone cannot be completed: ${wordsOf(answer.stderr)}`, {
        hint: 'another git process holds shallow.lock, or left it behind',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, randomInt(10, 30) * attempt));
  }
}

const UNSHALLOW_ATTEMPTS = 30;

async function deleteRef(git: GitClient, ref: string): Promise<void> {
  const child = git.spawn(['update-ref', '-d', ref]);
  child.stdin.end();
  child.stdout.resume();
  child.stderr.resume();
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}
