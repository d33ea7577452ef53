import { Failure } from '../domain/base/failure.ts';
import { given } from '../domain/base/given.ts';
import type { CommitFacts } from '../domain/past/activity.ts';
import type { CommitChanges, PlacedFile } from '../domain/past/task-changes.ts';
import { PAUSES_FILE } from '../domain/pausing/pauses.ts';
import type { Task } from '../domain/queue/task.ts';
import { QUEUE_FOLDERS, taskAt } from '../domain/queue/task-path.ts';
import { type BackRange, changesBack, changesOf, type Graph, graphOf } from '../git/history/changes.ts';
import { log, shallowCommits } from '../git/history/history.ts';
import type { ObjectReader } from '../git/objects/objects.ts';
import type { Repository } from '../git/repository/repository.ts';
import { resolveCommit } from '../git/repository/revision.ts';
import type { Upstream } from '../git/upstream/upstream.ts';
import { MAX_TASK_BYTES, readTask } from './codec/read-task.ts';

/** How a commit is related to an earlier tip. `unknown`: the earlier one is not in this clone. */
export type Relation = 'same' | 'ahead' | 'behind' | 'apart' | 'unknown';

/** A commit of a log; `isCut` if older ones are not in this clone. */
export interface LoggedCommit extends CommitFacts {
  readonly isCut: boolean;
}

/** A commit with what it changed; `isCut` if older ones are not in this clone, so that all its files look new. */
export interface PastChanges extends CommitChanges {
  readonly isCut: boolean;
}

/** The history of the queue, for readers that want to know what happened in it. */
export interface EventStore {
  /** Makes the commit available here. @throws Failure of the remote */
  fetch(tip: string): Promise<void>;
  /** How `tip` is related to `before`. */
  relation(tip: string, before: string): Promise<Relation>;
  graph(tip: string, done: string | undefined): Promise<Graph>;
  /**
   * What the commits changed in the folders of the queue, in the order of `oids`; without those that changed nothing.
   */
  changes(oids: readonly string[]): AsyncIterable<CommitChanges>;
  /** What was changed in the folders of the queue, or in these files, newest first, as far as it is read. */
  back(range: BackRange, paths?: readonly string[]): AsyncIterable<PastChanges>;
  /** Reads task files, all in one batch. */
  read(files: readonly PlacedFile[]): Promise<(file: PlacedFile) => Task | undefined>;
  /** The last commit of the branch itself that is older; undefined if all are newer. */
  lastBefore(tip: string, timeMs: number): Promise<string | undefined>;
  /** The commit that a user names. @throws Failure `usage` */
  resolve(revision: string): Promise<string>;
  /** The commits that the tip reaches, and none of `after`, and that are not older, newest first. */
  log(tip: string, newerThanMs: number | undefined, after?: readonly string[]): AsyncIterable<LoggedCommit>;
  /** Whether the tips reach all of the commits. */
  reach(tips: readonly string[], commits: readonly string[]): Promise<boolean>;
}

/** What events are about: tasks and pauses. */
const TOLD: readonly string[] = [...QUEUE_FOLDERS, PAUSES_FILE];

/** {@link EventStore} on git. */
export function openEventStore(
  repository: Repository,
  upstream: Upstream,
  objects: ObjectReader,
  branchRef: string,
): EventStore {
  const { git } = repository;
  return {
    async fetch(tip) {
      if (await objects.exists(tip)) return;
      const fetched = await upstream.fetchCommit(branchRef, tip);
      if (fetched.kind === 'present') return;
      throw new Failure('remote-unreachable', `the branch moved while it was being fetched: ${fetched.words}`, {
        hint: 'try again',
      });
    },
    async relation(tip, before) {
      if (tip === before) return 'same';
      if (!(await objects.exists(before))) return 'unknown';
      const reaches = async (from: string, to: string): Promise<boolean> =>
        (await git.attempt(['merge-base', '--is-ancestor', to, from])).exitCode === 0;
      if (await reaches(tip, before)) return 'ahead';
      return (await reaches(before, tip)) ? 'behind' : 'apart';
    },
    graph: (tip, done) => graphOf(repository, tip, done),
    changes: (oids) => changesOf(repository, oids, TOLD),
    async *back(range, paths = TOLD) {
      const cuts = await shallowCommits(repository);
      for await (const commit of changesBack(repository, range, paths)) {
        yield { ...commit, isCut: cuts.has(commit.oid) };
      }
    },
    async read(files) {
      const distinct = [...new Map(files.map((file) => [keyOf(file), file])).values()];
      const blobs = await objects.readBlobs(
        distinct.map(({ blob }) => blob),
        { maxBytes: MAX_TASK_BYTES },
      );
      const tasks = new Map<string, Task>();
      for (const [index, file] of distinct.entries()) {
        const blob = blobs[index];
        const place = taskAt(file.path);
        if (blob?.kind !== 'content' || place === undefined) continue;
        const reading = readTask(blob.bytes, { path: file.path, ...place.key });
        if (reading.kind === 'read') tasks.set(keyOf(file), reading.task);
      }
      return (file) => tasks.get(keyOf(file));
    },
    async lastBefore(tip, timeMs) {
      const olderThan = `--min-age=${Math.floor(timeMs / 1000)}`;
      const oid = (await git.run(['rev-list', '--first-parent', '--max-count=1', olderThan, tip])).trim();
      return oid === '' ? undefined : oid;
    },
    resolve: (revision) => resolveCommit(repository, revision),
    async reach(tips, commits) {
      const args = ['rev-list', '--max-count=1', ...commits, '--not', ...tips, '--'];
      const { exitCode, stdout } = await git.attempt(args);
      return exitCode === 0 && stdout.trim() === '';
    },
    async *log(tip, newerThanMs, after) {
      const cuts = await shallowCommits(repository);
      const range = { tip, ...given({ newerThanMs, since: after }) };
      for await (const commit of log(repository, range)) yield { ...commit, isCut: cuts.has(commit.oid) };
    },
  };
}

function keyOf({ blob, path }: PlacedFile): string {
  return `${blob} ${path}`;
}
