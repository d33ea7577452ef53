import type { CommitFacts } from '../domain/activity.ts';
import type { PlannedCommit } from '../domain/edit.ts';
import { Failure } from '../domain/failure.ts';
import { readLedger } from '../domain/ledger.ts';
import { claimName, newestBeats } from '../domain/ref-heartbeat.ts';
import type { PoolSettings, ProjectSnapshot, QueueSnapshot, Reading, TaskEntry } from '../domain/snapshot.ts';
import { DEFAULT_POOL_SETTINGS } from '../domain/snapshot.ts';
import { trustedHeartbeat } from '../domain/staleness.ts';
import { buildCommits } from '../git/fast-import.ts';
import { findRequests, log, touchedAt } from '../git/history.ts';
import type { Look } from '../git/look.ts';
import type { ObjectReader } from '../git/objects.ts';
import type { PushOutcome, RefUpdate } from '../git/push-outcome.ts';
import type { Repository } from '../git/repository.ts';
import { emptyTree } from '../git/revision.ts';
import type { Upstream } from '../git/upstream.ts';
import { MAX_TASK_BYTES, readTask } from './codec/read-task.ts';
import { toCommitSpecs } from './commit-specs.ts';
import { type Discovery, discover, type FoundTask } from './discover.ts';
import { HeartbeatRefs } from './heartbeat-refs.ts';
import type { QueueStore, ServedLookup, SnapshotScope } from './queue-store.ts';
import { parseSettings, poolSettings, SETTINGS_PATH } from './settings.ts';

/** The queue in a git repository: reads through one `cat-file`, builds through one `fast-import`, lands by one push. */
export class GitQueueStore implements QueueStore {
  readonly name: string;
  readonly branchRef: string;
  readonly heartbeats: HeartbeatRefs;
  readonly #repository: Repository;
  readonly #upstream: Upstream;
  readonly #objects: ObjectReader;
  /** Readings by path and blob: a retry, or the next look of a waiting process, parses only what is new. */
  #readings: ReadonlyMap<string, Reading> = new Map();

  constructor(repository: Repository, upstream: Upstream, objects: ObjectReader, branch: string) {
    this.name = upstream.name;
    this.branchRef = `refs/heads/${branch}`;
    this.#repository = repository;
    this.#upstream = upstream;
    this.#objects = objects;
    this.heartbeats = new HeartbeatRefs(repository, upstream, objects, this.branchRef);
  }

  look(prefixes: readonly string[] = []): Promise<Look> {
    return this.#upstream.look(this.branchRef, prefixes);
  }

  async snapshot(tip: string, scope: SnapshotScope): Promise<QueueSnapshot> {
    await this.#ensureCommit(tip);
    const root = await this.#objects.commitTree(tip);
    const { discovery, settings } = await this.#discover(root);
    const [readings, ledgers] = await Promise.all([this.#read(discovery, scope), this.#readLedgers(discovery)]);
    const [touched, renewed] = await Promise.all([
      this.#witnesses(tip, discovery, readings, scope),
      (scope.witnesses ?? scope.renewals) !== undefined && settings.heartbeat === 'ref' ? this.heartbeats.read() : [],
    ]);
    const renewals = newestBeats(renewed);
    const projects = new Map<string, ProjectSnapshot & { entries: TaskEntry[] }>();
    for (const location of discovery.locations) {
      const name = location.project;
      const locations = [...(projects.get(name)?.locations ?? []), location];
      projects.set(name, { name, locations, entries: [], stalls: ledgers.get(name) ?? new Map() });
    }
    for (const task of discovery.tasks) {
      const at = touched.get(task.path);
      const reading = readings.get(readingKey(task)) ?? { kind: 'unread' };
      const renewedAt = renewals.size === 0 ? undefined : renewals.get(nameOfClaim(task, reading));
      projects.get(task.location.project)?.entries.push({
        key: { project: task.location.project, id: task.id },
        state: task.state,
        path: task.path,
        blob: task.blob,
        mode: task.mode,
        location: task.location,
        reading,
        ...(at === undefined ? {} : { touchedAt: at }),
        ...(renewedAt === undefined ? {} : { renewedAt }),
      });
    }
    return { tip, projects, settings, findings: discovery.findings };
  }

  history(from: string, limit: number): AsyncIterable<CommitFacts> {
    return log(this.#repository, { tip: from, limit });
  }

  async build(snapshot: QueueSnapshot, plans: readonly PlannedCommit[], now: number): Promise<readonly string[]> {
    const specs = await toCommitSpecs(snapshot, plans, {
      now,
      committer: this.#repository.identity,
      readBlob: (oid) => this.#blob(oid),
    });
    return buildCommits(this.#repository, snapshot.tip, specs);
  }

  push(updates: readonly RefUpdate[], options: { readonly atomic?: boolean } = {}): Promise<PushOutcome> {
    return this.#upstream.push(updates, options);
  }

  marker(): string {
    return emptyTree(this.#repository);
  }

  served(tip: string, bases: readonly string[], requests: readonly string[]): Promise<ServedLookup> {
    return this.#ensureCommit(tip).then(() =>
      findRequests(this.#repository, this.#upstream, this.branchRef, tip, bases, requests),
    );
  }

  /** The bytes of a task file. @throws Failure `task-unreadable` where it is no readable file. */
  async taskBytes(entry: TaskEntry): Promise<Uint8Array> {
    if (entry.reading.kind === 'unreadable') {
      const at = entry.reading.line === undefined ? entry.path : `${entry.path}:${entry.reading.line}`;
      throw new Failure('task-unreadable', `${at}: ${entry.reading.message}`);
    }
    return this.#blob(entry.blob);
  }

  async #ensureCommit(tip: string): Promise<void> {
    if (await this.#objects.exists(tip)) return;
    const fetched = await this.#upstream.fetchCommit(this.branchRef, tip);
    if (fetched.kind === 'present') return;
    throw new Failure('remote-unreachable', `the branch moved while it was being fetched: ${fetched.words}`, {
      hint: 'try again',
    });
  }

  async #discover(root: string): Promise<{ discovery: Discovery; settings: PoolSettings }> {
    const readTree = async (oid: string) => (await this.#objects.readTrees([oid]))[0] ?? [];
    const discovery = await discover(root, readTree, DEFAULT_POOL_SETTINGS.layouts);
    if (discovery.settings === undefined) return { discovery, settings: DEFAULT_POOL_SETTINGS };
    const branch = this.branchRef.replace('refs/heads/', '');
    const text = (await this.#blob(discovery.settings)).toString('utf8');
    const settings = poolSettings(parseSettings(text, `${branch}:${SETTINGS_PATH}`));
    const limited = settings.layouts.length < DEFAULT_POOL_SETTINGS.layouts.length;
    return { discovery: limited ? await discover(root, readTree, settings.layouts) : discovery, settings };
  }

  async #read(discovery: Discovery, scope: SnapshotScope): Promise<ReadonlyMap<string, Reading>> {
    const readings = new Map<string, Reading>();
    await this.#readInto(readings, discovery.tasks, (task) => scope.read.has(task.state) || scope.ids?.has(task.id));
    if (scope.batches !== undefined && mentionsBatch(discovery, readings, scope.batches)) {
      await this.#readInto(readings, discovery.tasks, () => true);
    }
    // Only what this tip still holds: a process that waits for weeks must not remember every claim there ever was.
    this.#readings = readings;
    return readings;
  }

  async #readInto(
    readings: Map<string, Reading>,
    tasks: readonly FoundTask[],
    isWanted: (task: FoundTask) => boolean | undefined,
  ): Promise<void> {
    const unknown: FoundTask[] = [];
    for (const task of tasks) {
      if (readings.has(readingKey(task))) continue;
      const known = this.#readings.get(readingKey(task));
      if (known) readings.set(readingKey(task), known);
      else if (!isWanted(task)) continue;
      else if (task.mode === '120000') {
        readings.set(readingKey(task), { kind: 'unreadable', message: 'is a symbolic link, not a task file' });
      } else unknown.push(task);
    }
    const blobs = await this.#objects.readBlobs(
      unknown.map((task) => task.blob),
      { maxBytes: MAX_TASK_BYTES },
    );
    for (const [index, task] of unknown.entries()) {
      const blob = blobs[index];
      readings.set(readingKey(task), blob === undefined ? { kind: 'unread' } : readBlob(task, blob));
    }
  }

  /** Walks history for the claims that need it, and only then: most heartbeats speak for themselves. */
  async #witnesses(
    tip: string,
    { tasks }: Discovery,
    readings: ReadonlyMap<string, Reading>,
    { witnesses }: SnapshotScope,
  ): Promise<ReadonlyMap<string, number>> {
    if (witnesses === undefined) return new Map();
    const doubtful = tasks.filter((task) => {
      const reading = readings.get(readingKey(task));
      return (
        task.state === 'claimed' &&
        reading?.kind === 'read' &&
        trustedHeartbeat(reading.task.claim, witnesses.now) === undefined
      );
    });
    if (doubtful.length === 0) return new Map();
    return touchedAt(
      this.#repository,
      tip,
      doubtful.map(({ path }) => path),
    );
  }

  async #readLedgers(discovery: Discovery): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
    const ledgers = new Map<string, Map<string, number>>();
    for (const [project, files] of discovery.ledgers) {
      const counts = new Map<string, number>();
      for (const { blob } of files) {
        for (const [id, count] of readLedger((await this.#blob(blob)).toString('utf8'))) counts.set(id, count);
      }
      ledgers.set(project, counts);
    }
    return ledgers;
  }

  async #blob(oid: string): Promise<Buffer> {
    const [blob] = await this.#objects.readBlobs([oid]);
    if (blob?.kind === 'content') return blob.bytes;
    throw new Failure(
      'git-unusable',
      `the object ${oid} ${blob?.kind === 'too-large' ? 'is too large' : 'is missing'}`,
      {
        hint: 'run `git fsck` in the repository',
      },
    );
  }
}

type BlobReading = Awaited<ReturnType<ObjectReader['readBlobs']>>[number];

function readBlob(task: FoundTask, blob: BlobReading): Reading {
  switch (blob.kind) {
    case 'content':
      return readTask(blob.bytes, { path: task.path, project: task.location.project, id: task.id });
    case 'too-large':
      return { kind: 'unreadable', message: `is ${blob.size} bytes long, the limit is ${MAX_TASK_BYTES}` };
    case 'missing':
      return { kind: 'unreadable', message: 'its object is missing from this clone and could not be fetched' };
  }
}

function mentionsBatch(
  { tasks }: Discovery,
  readings: ReadonlyMap<string, Reading>,
  mention: NonNullable<SnapshotScope['batches']>,
): boolean {
  return tasks.some((task) => {
    const reading = readings.get(readingKey(task));
    if (reading?.kind !== 'read' || task.state === 'completed') return false;
    const { holdUntil, batch } = reading.task;
    return (holdUntil !== undefined && task.state === 'ready') || (mention === 'where-named' && batch !== undefined);
  });
}

function nameOfClaim({ state, location, id }: FoundTask, reading: Reading): string {
  const claim = state === 'claimed' && reading.kind === 'read' ? reading.task.claim : undefined;
  return claim?.claimedBy === undefined
    ? ''
    : claimName(claim.claimedBy, { project: location.project, id }, claim.claimId);
}

function readingKey(task: FoundTask): string {
  return `${task.blob} ${task.path}`;
}
