import { streamProcess } from '../process/git-process.ts';
import type { Repository } from '../repository/repository.ts';
import { LOG_FIELDS, type LogEntry, nulTerminated, PLAIN_LOG, pathspecs, shallowCommits, toEntry } from './history.ts';

/** A file as a commit changed it. A merge changed what differs from all of its parents. */
export interface ChangedFile {
  readonly path: string;
  /** Blob id; undefined: the file is new. */
  readonly before: string | undefined;
  /** Blob id; undefined: the file is gone. */
  readonly after: string | undefined;
}

/** A commit, and what it changed in the folders that were asked about. */
export interface ChangingCommit extends LogEntry {
  /** What follows the subject, trailers included. */
  readonly body: string;
  readonly files: readonly ChangedFile[];
}

/** The history as a graph, and where it is cut off. */
export interface Graph {
  readonly nodes: readonly { readonly oid: string; readonly parents: readonly string[] }[];
  /** The nodes whose parents are not in this (shallow) clone. */
  readonly cuts: ReadonlySet<string>;
}

/** The commits that `tip` reaches and `done` does not. */
export async function graphOf(repository: Repository, tip: string, done: string | undefined): Promise<Graph> {
  const listing = await repository.git.run([
    'rev-list',
    '--parents',
    tip,
    ...(done === undefined ? [] : ['--not', done]),
  ]);
  const nodes = listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [oid = '', ...parents] = line.split(' ');
      return { oid, parents };
    });
  const shallow = await shallowCommits(repository);
  return { nodes, cuts: new Set(nodes.map(({ oid }) => oid).filter((oid) => shallow.has(oid))) };
}

/** Most commits per process: far below the limit of arguments on any system. */
const AT_ONCE = 200;

/**
 * What these commits changed in the folders, in the order asked. Commits that changed nothing there are left out.
 * @throws ProcessError if one of them is not in this clone
 */
export async function* changesOf(
  repository: Repository,
  oids: readonly string[],
  folders: readonly string[],
): AsyncGenerator<ChangingCommit, void, void> {
  for (let at = 0; at < oids.length; at += AT_ONCE) {
    yield* changesAtOnce(repository, oids.slice(at, at + AT_ONCE), folders);
  }
}

/** Which commits to go back through. */
export interface BackRange {
  readonly tip: string;
  /** Only commits from this time on (ms since the epoch). */
  readonly newerThanMs?: number;
  /** Not this commit, nor what it reaches. */
  readonly after?: string;
}

/**
 * The commits that changed something in the folders or files, newest first, with what they changed there. Git walks only
 * as far as the caller reads.
 * @throws ProcessError if git refuses the range
 */
export function changesBack(
  repository: Repository,
  { tip, newerThanMs, after }: BackRange,
  paths: readonly string[],
): AsyncGenerator<ChangingCommit, void, void> {
  const age = newerThanMs === undefined ? [] : [`--max-age=${Math.ceil(newerThanMs / 1000)}`];
  return changesIn(repository, [...age, tip, ...(after === undefined ? [] : [`^${after}`])], paths);
}

function changesAtOnce(
  repository: Repository,
  oids: readonly string[],
  folders: readonly string[],
): AsyncGenerator<ChangingCommit, void, void> {
  return changesIn(repository, ['--no-walk=unsorted', ...oids], folders);
}

const FIELDS: readonly string[] = [...LOG_FIELDS, '%b'];

async function* changesIn(
  repository: Repository,
  commits: readonly string[],
  folders: readonly string[],
): AsyncGenerator<ChangingCommit, void, void> {
  const format = `--format=tformat:${FIELDS.join('%x00')}`;
  const plain = ['--no-color', '--no-follow', '--no-relative', '--no-renames', '--no-abbrev', '--encoding=UTF-8'];
  const args = ['log', '-z', '--raw', '-c', format, ...plain, ...commits, '--'];
  let fields: string[] = [];
  let files: ChangedFile[] = [];
  let raw: string | undefined;
  for await (const token of nulTerminated(streamProcess(repository.git, [...args, ...pathspecs(folders)], PLAIN_LOG))) {
    if (raw !== undefined) {
      files.push(changedFile(raw, token));
      raw = undefined;
    } else if (fields.length === FIELDS.length && /^\n?:/.test(token)) {
      // A newline separates the commit from its first file.
      raw = token.trimStart();
    } else if (fields.length < FIELDS.length || token !== '') {
      // (An empty token separates a merge from its first file.)
      if (fields.length === FIELDS.length) {
        yield { ...toEntry(fields), body: fields[LOG_FIELDS.length] ?? '', files };
        [fields, files] = [[], []];
      }
      fields.push(token);
    }
  }
  if (fields.length === FIELDS.length) yield { ...toEntry(fields), body: fields[LOG_FIELDS.length] ?? '', files };
}

/**
 * Parses `:<mode> <mode> <blob> <blob> <status>`; a merge has one colon, mode, blob and letter per parent. For a merge,
 * the state before is that of the first parent that had the file.
 */
function changedFile(raw: string, path: string): ChangedFile {
  const parents = /^:+/.exec(raw)?.[0].length ?? 1;
  const words = raw.slice(parents).split(' ');
  const blobs = words.slice(parents + 1, 2 * parents + 2).map((oid) => (/^0+$/.test(oid) ? undefined : oid));
  return { path, before: blobs.slice(0, -1).find((oid) => oid !== undefined), after: blobs.at(-1) };
}
