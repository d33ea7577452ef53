import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { ProcessError, streamProcess } from '../process/git-process.ts';
import { wordsOf } from '../process/words.ts';
import type { Repository } from '../repository/repository.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** A commit that has the trailers of a request. */
export interface FoundRequest {
  readonly request: string;
  readonly commit: string;
  /** The `Agentq-Task` trailer that belongs to it. */
  readonly task: string | undefined;
}

export type RequestLookup =
  | { readonly kind: 'verdict'; readonly carriedOut: ReadonlyMap<string, FoundRequest> }
  | { readonly kind: 'no-verdict'; readonly reason: string };

export interface LogEntry {
  readonly oid: string;
  readonly parents: readonly string[];
  /** Committer time, ms since the epoch. */
  readonly timeMs: number;
  readonly authorName: string;
  readonly authorEmail: string;
  readonly subject: string;
  /** In order, unfolded. */
  readonly trailers: readonly LogTrailer[];
}

export interface LogTrailer {
  readonly key: string;
  readonly value: string;
}

export interface LogRange {
  readonly tip: string;
  /** Commits reachable from these are left out. */
  readonly since?: readonly string[];
  /**
   * Only commits that touch these paths (files or folders, relative to the root); merges that change nothing are left
   * out.
   */
  readonly paths?: readonly string[];
  /** At most this many commits, newest first. */
  readonly limit?: number;
  /** Oldest first. */
  readonly reverse?: boolean;
  /** Only commits from this time on (ms since the epoch). */
  readonly newerThanMs?: number;
}

/** Overrides settings of the user that would change what `git log` prints. */
export const PLAIN_LOG = [
  'log.showSignature=false',
  'log.showRoot=true',
  'trailer.separators=:',
  'diff.orderFile=/dev/null',
];

/**
 * Leaves out the commits that add a note to a task or change what it says (`edit`, `add --upsert`): anybody may make
 * one, so they are not a sign of life of the task's owner. (The patterns of the user's own settings would be read
 * otherwise.)
 */
export const WITHOUT_REMARKS: readonly string[] = [
  '--basic-regexp',
  '--grep=^\\[AGENT-NOTE\\] ',
  '--grep=^\\[AGENT-EDIT\\] ',
  '--grep=^\\[ORCHESTRATOR\\] Added ',
  '--grep=^\\[ORCHESTRATOR\\] Updated ',
  '--invert-grep',
];

/** How far back to look for requests: to the oldest of these commits, or through all history. */
export type LookBack = readonly string[] | 'the beginning';

/**
 * Finds which requests were carried out by commits of `tip` that are not older than every base. It follows all parents:
 * a foxtrot merge hid a claim from `--first-parent`, which led to a double claim. If a base cannot be proven to be an
 * ancestor of the tip, even after unshallowing, there is no verdict.
 * @throws Failure of the upstream if history must be fetched
 */
export async function findRequests(
  repository: Repository,
  upstream: Pick<Upstream, 'unshallow'>,
  branchRef: string,
  tip: string,
  bases: LookBack,
  requests: readonly string[],
): Promise<RequestLookup> {
  if (requests.length === 0) return { kind: 'verdict', carriedOut: new Map() };
  const distinct = bases === 'the beginning' ? bases : [...new Set(bases)];
  const first = await searchRequests(repository, tip, distinct, requests);
  if (first.kind === 'verdict' || !(await isShallow(repository))) return first;
  await upstream.unshallow(branchRef);
  return await searchRequests(repository, tip, distinct, requests);
}

async function searchRequests(
  repository: Repository,
  tip: string,
  bases: LookBack,
  requests: readonly string[],
): Promise<RequestLookup> {
  const noVerdict = (reason: string): RequestLookup => ({ kind: 'no-verdict', reason });
  if (bases.length === 0) return noVerdict('there is no base to look back to');
  const isWhole = bases === 'the beginning';
  // One base is the common case, and needs no process.
  const oldest = isWhole ? undefined : bases.length === 1 ? bases[0] : await commonAncestor(repository, bases);
  if (oldest === undefined && !isWhole) return noVerdict('the bases have no common ancestor');
  // If history is cut off between base and tip, the commit in question may be beyond the cut.
  const cuts = await shallowCommits(repository);
  const wanted = new Set(requests);
  const unproven = new Set(isWhole ? [] : bases);
  const carriedOut = new Map<string, FoundRequest>();
  try {
    for await (const { oid, trailers } of logOf(
      repository,
      oldest === undefined ? [tip] : [tip, '--not', `${oldest}^@`],
    )) {
      // The walk goes from the tip back to the oldest base, including it, so it meets every base that is an ancestor.
      unproven.delete(oid);
      if (oid !== oldest && cuts.has(oid)) return noVerdict(`the history of this clone is cut off at ${oid}`);
      for (const found of requestsOf(oid, trailers))
        if (wanted.has(found.request)) carriedOut.set(found.request, found);
      if (isWhole && carriedOut.size === wanted.size) break;
    }
  } catch (error) {
    if (error instanceof ProcessError) return noVerdict(wordsOf(error.stderr));
    throw error;
  }
  const [stray] = unproven;
  return stray === undefined
    ? { kind: 'verdict', carriedOut: carriedOut }
    : noVerdict(`${stray} is not in the history of ${tip}`);
}

async function commonAncestor(repository: Repository, bases: readonly string[]): Promise<string | undefined> {
  const answer = await repository.git.attempt(['merge-base', '--octopus', ...bases]);
  return answer.stdout.trim() || undefined;
}

/**
 * The requests that a commit carried out. With as many tasks as requests, they form pairs (heartbeats of many agents in
 * one commit). Otherwise a request belongs to the last task named before it, or to the first task.
 */
function requestsOf(commit: string, trailers: readonly LogTrailer[]): FoundRequest[] {
  const tasks = trailers.filter(({ key }) => key === 'Agentq-Task').map(({ value }) => value);
  const requests = trailers.filter(({ key }) => key === 'Agentq-Request');
  if (tasks.length === requests.length) {
    return requests.map(({ value }, index) => ({ request: value, commit, task: tasks[index] }));
  }
  let last: string | undefined;
  const found: FoundRequest[] = [];
  for (const { key, value } of trailers) {
    if (key === 'Agentq-Task') last = value;
    if (key === 'Agentq-Request') found.push({ request: value, commit, task: last ?? tasks[0] });
  }
  return found;
}

/**
 * When each path was last touched (committer time, ms since the epoch). One walk serves all paths, and ends when the
 * last is found. Paths that no commit touched are absent. In a shallow clone, what is older than the clone counts as
 * touched by its oldest commit: later than it really was, never earlier.
 */
export async function touchedAt(
  repository: Repository,
  tip: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const missing = new Set(paths);
  const times = new Map<string, number>();
  if (missing.size === 0) return times;
  // Folders instead of files: git would try each of a thousand pathspecs on every entry of every tree.
  const folders = new Set(paths.map((path) => path.slice(0, Math.max(path.lastIndexOf('/'), 0))));
  const args = [
    'log',
    '-z',
    '--format=%x01%ct',
    '--name-only',
    '--no-renames',
    '--no-relative',
    '--no-follow',
    '--no-color',
    ...WITHOUT_REMARKS,
  ];
  let timeMs = 0;
  const tokens = nulTerminated(
    streamProcess(repository.git, [...args, tip, '--', ...pathspecs([...folders])], PLAIN_LOG),
  );
  for await (const token of tokens) {
    const header = /^\n?\u0001(\d+)$/.exec(token);
    if (header !== null) {
      timeMs = Number(header[1]) * 1000;
      continue;
    }
    // A newline separates the header from the first name.
    const path = token.startsWith('\n') ? token.slice(1) : token;
    if (!missing.delete(path)) continue;
    times.set(path, timeMs);
    if (missing.size === 0) break;
  }
  return times;
}

/** Streams the commits of a range. Leaving the loop early ends git. @throws ProcessError if git refuses the range */
export function log(repository: Repository, range: LogRange): AsyncIterable<LogEntry> {
  const { tip, since = [], paths = [], limit, reverse, newerThanMs } = range;
  return logOf(repository, [
    ...(limit === undefined ? [] : [`--max-count=${limit}`]),
    ...(newerThanMs === undefined ? [] : [`--max-age=${Math.ceil(newerThanMs / 1000)}`]),
    ...(reverse ? ['--reverse'] : []),
    tip,
    ...(since.length > 0 ? ['--not', ...since] : []),
    ...(paths.length > 0 ? ['--', ...pathspecs(paths)] : []),
  ]);
}

/** The fields that a log prints for each commit, NUL-terminated; {@link toEntry} reads them. */
export const LOG_FIELDS: readonly string[] = [
  '%H',
  '%P',
  '%ct',
  '%an',
  '%ae',
  '%s',
  '%(trailers:only=true,unfold=true)',
];

async function* logOf(repository: Repository, args: readonly string[]): AsyncGenerator<LogEntry, void, void> {
  const format = `--format=tformat:${LOG_FIELDS.join('%x00')}`;
  const fixed = ['log', '-z', format, '--no-color', '--no-follow', '--encoding=UTF-8'];
  const separated = args.includes('--') ? args : [...args, '--'];
  let fields: string[] = [];
  for await (const token of nulTerminated(streamProcess(repository.git, [...fixed, ...separated], PLAIN_LOG))) {
    fields.push(token);
    if (fields.length < LOG_FIELDS.length) continue;
    yield toEntry(fields);
    fields = [];
  }
}

/** The commit that the fields of {@link LOG_FIELDS} describe. */
export function toEntry(fields: readonly string[]): LogEntry {
  const [oid = '', parents = '', seconds = '', authorName = '', authorEmail = '', subject = '', trailers = ''] = fields;
  return {
    oid,
    parents: parents === '' ? [] : parents.split(' '),
    timeMs: Number(seconds) * 1000,
    authorName,
    authorEmail,
    subject,
    trailers: parseTrailers(trailers),
  };
}

function parseTrailers(block: string): LogTrailer[] {
  const trailers: LogTrailer[] = [];
  for (const line of block.split('\n')) {
    const match = /^([^\s:]+)\s*:\s?(.*)$/.exec(line);
    if (match !== null) trailers.push({ key: match[1] ?? '', value: (match[2] ?? '').trim() });
  }
  return trailers;
}

/** Literal pathspecs from the root, in whatever folder git runs; `''` is everything. */
export function pathspecs(paths: readonly string[]): string[] {
  return paths.includes('') ? [':(top)'] : paths.map((path) => `:(top,literal)${path}`);
}

/** Splits a stream at its NUL bytes. */
export async function* nulTerminated(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(0, at); end >= 0; end = bytes.indexOf(0, at)) {
      yield bytes.toString('utf8', at, end);
      at = end + 1;
    }
    rest = bytes.subarray(at);
  }
}

async function isShallow(repository: Repository): Promise<boolean> {
  return (await shallowCommits(repository)).size > 0;
}

/** Commits whose parents are not in this clone. Read each time: other processes fetch too. */
export async function shallowCommits({ commonDir }: Repository): Promise<ReadonlySet<string>> {
  const text = await fs.readFile(join(commonDir, 'shallow'), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}
