import { Failure } from '../domain/base/failure.ts';
import { given } from '../domain/base/given.ts';
import { SETTINGS_FILE } from '../domain/base/settings-file.ts';
import type { Ownership } from '../domain/branches/ownership.ts';
import { newestBeats } from '../domain/leases/ref-heartbeat.ts';
import type { CommitFacts } from '../domain/past/activity.ts';
import { PAUSES_FILE } from '../domain/pausing/pauses.ts';
import type { CommitDraft } from '../domain/queue/edit.ts';
import type { PoolSettings, QueueSnapshot, Reading, TaskEntry } from '../domain/queue/snapshot.ts';
import { DEFAULT_POOL_SETTINGS } from '../domain/queue/snapshot.ts';
import type { Look } from '../git/answers/look.ts';
import type { PushOutcome, RefUpdate } from '../git/answers/push-outcome.ts';
import { findRequests, type LookBack, log } from '../git/history/history.ts';
import { buildCommits } from '../git/objects/fast-import.ts';
import { buildLoose } from '../git/objects/loose-commits.ts';
import type { ObjectReader } from '../git/objects/objects.ts';
import type { Ending } from '../git/process/ending.ts';
import { prunedClone } from '../git/process/local-trouble.ts';
import type { Repository } from '../git/repository/repository.ts';
import { emptyTree } from '../git/repository/revision.ts';
import { FetchTurns } from '../git/upstream/fetch-turns.ts';
import type { LookOptions, Upstream } from '../git/upstream/upstream.ts';
import { readText } from './codec/read-task.ts';
import { toCommitSpecs } from './commit-specs.ts';
import { ClaimSigns } from './leases/claim-signs.ts';
import { HeartbeatRefs } from './leases/heartbeat-refs.ts';
import type { Sightings } from './leases/sightings.ts';
import type { CarriedOutLookup, QueueStore } from './queue-store.ts';
import { discover, findFiles } from './reading/discover.ts';
import { type Discovery, listUnlisted, type NamesOnly, withAllListed, withoutCopies } from './reading/discovery.ts';
import { type OtherBranches, readElsewhere } from './reading/elsewhere.ts';
import { indexesOf } from './reading/index-cache.ts';
import { readLedgers } from './reading/ledgers.ts';
import { ownershipIn } from './reading/ownership.ts';
import { rootOf } from './reading/root-of.ts';
import { type SnapshotScope, saysWhatItTouches, withClaimed } from './reading/snapshot-scope.ts';
import { asksForBatches, isWhole, TaskReader } from './reading/task-reader.ts';
import { toProjects } from './reading/to-projects.ts';
import { RefBlobs } from './ref-blobs.ts';

/**
 * The queue in a git repository. It reads through one `cat-file`, builds objects (many by `fast-import`), and lands by
 * one push.
 */
export class GitQueueStore implements QueueStore {
  readonly name: string;
  readonly branchRef: string;
  readonly looking: Upstream['looking'];
  readonly turn: Upstream['turn'];
  readonly heartbeats: HeartbeatRefs;
  readonly #refBlobs: RefBlobs;
  readonly #repository: Repository;
  readonly #upstream: Upstream;
  readonly #objects: ObjectReader;
  readonly #tasks: TaskReader;
  readonly #signs: ClaimSigns;
  readonly #completed = new Set<string>();
  readonly #turns = new FetchTurns();
  readonly #branch: string;
  readonly #ownership: (() => Ownership) | undefined;
  readonly #others: OtherBranches;
  /** Objects that were here are gone: what the next snapshot needs is fetched, whether or not it seems to be here. */
  #isPruned = false;

  /**
   * @param sightings what this clone has seen of claims before; absent: it remembers nothing
   * @param ownership which projects live here, on the branch of a project; absent: the settings on the branch tell
   */
  constructor(
    repository: Repository,
    upstream: Upstream,
    objects: ObjectReader,
    branch: string,
    sightings?: Sightings,
    ownership?: () => Ownership,
  ) {
    this.#branch = branch;
    this.#ownership = ownership;
    this.name = upstream.name;
    this.branchRef = `refs/heads/${branch}`;
    this.looking = upstream.looking;
    this.turn = upstream.turn;
    this.#repository = repository;
    this.#upstream = upstream;
    this.#objects = objects;
    this.#signs = new ClaimSigns(repository, objects, `${upstream.name}-${branch}`, sightings);
    this.#tasks = new TaskReader(objects, ...indexesOf(repository.commonDir, `${upstream.name}-${branch}`));
    this.#refBlobs = new RefBlobs(repository, upstream, objects);
    this.#others = {
      upstream,
      objects,
      ensureCommit: (branchRef, tip, ending) => this.#ensureCommit(tip, ending, branchRef),
    };
    this.heartbeats = new HeartbeatRefs((bytes) => this.storeBlob(bytes), upstream, objects, this.branchRef);
  }

  look(prefixes: readonly string[] = [], options: LookOptions = {}): Promise<Look> {
    return this.#upstream.look(this.branchRef, prefixes, options);
  }

  async snapshot(tip: string, scope: SnapshotScope, ending: Ending = {}): Promise<QueueSnapshot> {
    await this.#refetch(tip, ending);
    await this.#ensureCommit(tip, ending);
    try {
      const snapshot = await this.#snapshot(tip, scope, ending);
      const isDone = isWhole(snapshot) || !(await this.#complete(tip, ending));
      return isDone ? snapshot : await this.#snapshot(tip, scope, ending);
    } catch (error) {
      const isIncomplete = error instanceof Failure && error.details.missing !== undefined;
      if (!isIncomplete || !(await this.#complete(tip, ending))) throw error;
      return this.#snapshot(tip, scope, ending);
    }
  }

  async #snapshot(tip: string, scope: SnapshotScope, ending: Ending): Promise<QueueSnapshot> {
    const root = await rootOf(this.#objects, tip, this);
    const { discovery: whole, settings } = await this.#discover(root, scope, ending);
    const readFile = (oid: string) => this.#blob(oid, ending);
    const ownership = this.#ownership?.() ?? (await ownershipIn(this.#branch, settings, whole.pauses, readFile));
    const otherBranch = scope.copies === 'kept' ? undefined : ownership.elsewhereFrom(this.#branch);
    const found = otherBranch === undefined ? { discovery: whole } : withoutCopies(whole, otherBranch);
    const copies = scope.copies === 'named' && 'copies' in found ? found.copies : undefined;
    const { paths, times: stallsAt, known } = await this.#signs.suspects(found.discovery, settings, scope, ending);
    const isLimited = scope.rivals !== undefined && settings.limits.length > 0;
    const read = isLimited ? withClaimed(scope.read) : scope.read;
    const [{ discovery, readings }, ledgers] = await Promise.all([
      this.#read(found.discovery, { ...scope, read, paths }, ending),
      readLedgers(found.discovery, (oids) => this.#blobs(oids, ending)),
    ]);
    const [touched, renewed] = await Promise.all([
      this.#signs.touched(tip, discovery, readings, scope),
      (scope.witnesses ?? scope.renewals) !== undefined && settings.heartbeat === 'ref' ? this.heartbeats.read() : [],
    ]);
    const projects = toProjects(discovery, { readings, ledgers, touched, renewals: newestBeats(renewed), stallsAt });
    await this.#signs.addEvidence(tip, projects, settings, scope);
    const elsewhere = await readElsewhere(this.#others, { projects, otherBranch, settings }, scope, ending);
    const more = given({ stalls: known, otherBranch, copies, elsewhere, pauses: ownership.pauses });
    return { tip, projects, settings, ...more, readText, findings: discovery.findings };
  }

  /** Which projects live on which branches, as the settings in the commit say: it must be the tip of the main branch. */
  async ownershipAt(tip: string, ending: Ending = {}): Promise<Ownership> {
    await this.#ensureCommit(tip, ending);
    const readTree = async (oid: string) => (await this.#objects.readTrees([oid], ending))[0] ?? [];
    const paths = [SETTINGS_FILE, PAUSES_FILE];
    const [settings, pauses] = await findFiles(await rootOf(this.#objects, tip, this), readTree, paths);
    return ownershipIn(this.#branch, await this.#settings(settings, ending), pauses, (oid) => this.#blob(oid, ending));
  }

  /** Reads the files that the scope asks for. Only they tell whether those of unlisted tasks are needed too. */
  async #read(
    discovery: Discovery,
    scope: SnapshotScope,
    { signal }: Ending,
  ): Promise<{ discovery: Discovery; readings: readonly Reading[] }> {
    const { tasks, unlisted } = discovery;
    const others = () => unlisted.flatMap(listUnlisted);
    let readings = await this.#tasks.read(tasks, scope, signal, others);
    if (scope.rivals !== undefined && readings.some(saysWhatItTouches)) {
      readings = await this.#tasks.read(tasks, { ...scope, read: withClaimed(scope.read) }, signal, others);
    }
    if (unlisted.length === 0 || !asksForBatches({ tasks, readings }, scope)) return { discovery, readings };
    const all = withAllListed(discovery);
    return { discovery: all, readings: await this.#tasks.read(all.tasks, scope, signal) };
  }

  history(from: string, limit: number): AsyncIterable<CommitFacts> {
    return log(this.#repository, { tip: from, limit });
  }

  async build(snapshot: QueueSnapshot, drafts: readonly CommitDraft[], now: number): Promise<readonly string[]> {
    const specs = await toCommitSpecs(snapshot, drafts, {
      now,
      committer: this.#repository.identity,
      readBlobs: (oids) => this.#blobs(oids),
    });
    try {
      const built = await buildLoose(this.#repository, this.#objects, snapshot.tip, specs);
      const commits = built ?? (await buildCommits(this.#repository, snapshot.tip, specs));
      if (snapshot.settings.signing === 'off') return commits;
      // Loaded only where it is used.
      const { signCommits } = await import('../git/objects/sign-commits.ts');
      return await signCommits(this.#repository, this.#objects, snapshot.tip, commits, specs);
    } catch (error) {
      if (error instanceof Failure) this.#notePruned(error);
      throw error;
    }
  }

  push(updates: readonly RefUpdate[], options: Parameters<Upstream['push']>[1] = {}): Promise<PushOutcome> {
    return this.#upstream.push(updates, options).then((outcome) => {
      if (outcome.kind === 'local') this.#notePruned(outcome.failure);
      return outcome;
    });
  }

  #notePruned({ code, details }: Failure): void {
    if (code === 'repository-damaged' && details.passing === true) this.#isPruned = true;
  }

  /**
   * After a `git gc --prune=now` of another process: a reader that still has the deleted pack open finds everything in
   * it, and the next push would fail as the last one did.
   */
  async #refetch(tip: string, ending: Ending): Promise<void> {
    if (!this.#isPruned) return;
    this.#isPruned = false;
    this.#completed.clear();
    await this.#fetch(tip, ending);
  }

  marker(): string {
    return emptyTree(this.#repository);
  }

  storeBlob(bytes: Uint8Array): Promise<string> {
    return this.#refBlobs.write(bytes);
  }

  readBlobs(oids: readonly string[], ending: Ending = {}): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#refBlobs.read(oids, ending);
  }

  async carriedOut(
    tip: string,
    bases: LookBack,
    requests: readonly string[],
    ending: Ending = {},
  ): Promise<CarriedOutLookup> {
    await this.#ensureCommit(tip, ending);
    const upstream = { unshallow: (branchRef: string) => this.#upstream.unshallow(branchRef, ending) };
    const find = () => findRequests(this.#repository, upstream, this.branchRef, tip, bases, requests);
    const lookup = await find();
    return lookup.kind === 'verdict' || !(await this.#complete(tip, ending)) ? lookup : find();
  }

  /** The bytes of a task file. @throws Failure `task-unreadable` if it is not a readable file. */
  async taskBytes(entry: TaskEntry): Promise<Uint8Array> {
    if (entry.reading.kind === 'unreadable') {
      const at = entry.reading.line === undefined ? entry.path : `${entry.path}:${entry.reading.line}`;
      throw new Failure('task-unreadable', `${at}: ${entry.reading.message}`);
    }
    return this.#blob(entry.blob);
  }

  /** Makes a commit of the branch available here, if it is not. @throws Failure if it cannot be fetched */
  obtain(commit: string): Promise<void> {
    return this.#ensureCommit(commit, {});
  }

  async #ensureCommit(tip: string, ending: Ending, branchRef: string = this.branchRef): Promise<void> {
    if (await this.#objects.exists(tip)) return;
    await this.#turns.take(async () => {
      if (!(await this.#objects.exists(tip))) await this.#fetch(tip, ending, branchRef);
    }, ending.signal);
  }

  /**
   * Fetches what belongs to a commit that is here already. Git writes the objects of a fetch one after another, so that
   * another process in the same clone, or a process after a fetch that was killed, finds the commit but not all of it.
   * A task whose file is not here yet must not count as unreadable.
   * @returns whether that was tried: once for each commit
   */
  async #complete(tip: string, ending: Ending): Promise<boolean> {
    if (this.#completed.has(tip)) return false;
    this.#completed.add(tip);
    await this.#fetch(tip, ending);
    return true;
  }

  async #fetch(tip: string, ending: Ending, branchRef: string = this.branchRef): Promise<void> {
    const fetched = await this.#upstream.fetchCommit(branchRef, tip, ending);
    if (fetched.kind === 'present') return;
    throw new Failure('remote-unreachable', `the branch moved while it was being fetched: ${fetched.words}`, {
      hint: 'try again',
    });
  }

  async #discover(
    root: string,
    scope: SnapshotScope,
    ending: Ending,
  ): Promise<{ discovery: Discovery; settings: PoolSettings }> {
    const readTree = async (oid: string) => (await this.#objects.readTrees([oid], ending))[0] ?? [];
    const namesOnly: NamesOnly | undefined =
      scope.use === 'deciding' && !scope.read.has('completed')
        ? { readTree: (oid) => this.#objects.fileTree(oid, ending), except: scope.ids ?? new Set() }
        : undefined;
    const discovery = await discover(root, readTree, DEFAULT_POOL_SETTINGS.layouts, namesOnly);
    const settings = await this.#settings(discovery.settings, ending);
    const limited = settings.layouts.length < DEFAULT_POOL_SETTINGS.layouts.length;
    return { discovery: limited ? await discover(root, readTree, settings.layouts, namesOnly) : discovery, settings };
  }

  async #settings(file: string | undefined, ending: Ending): Promise<PoolSettings> {
    if (file === undefined) return DEFAULT_POOL_SETTINGS;
    const text = (await this.#blob(file, ending)).toString('utf8');
    // Loading its schema takes as long as starting git: only a queue with settings pays for it.
    const { parseSettings, poolSettings } = await import('./reading/settings.ts');
    return poolSettings(parseSettings(text, `${this.#branch}:${SETTINGS_FILE}`));
  }

  async #blob(oid: string, ending: Ending = {}): Promise<Buffer> {
    const [bytes] = await this.#blobs([oid], ending);
    if (bytes === undefined) throw new Error('one blob, no bytes');
    return bytes;
  }

  /** Contents, in the order of `oids`. @throws Failure if one is missing or too large */
  async #blobs(oids: readonly string[], { signal }: Ending = {}): Promise<readonly Buffer[]> {
    const blobs = await this.#objects.readBlobs(oids, { signal });
    return blobs.map((blob, index) => {
      if (blob.kind === 'content') return blob.bytes;
      const oid = oids[index];
      if (blob.kind !== 'too-large') throw prunedClone(`blob ${oid}`, { missing: oid });
      throw new Failure('git-unusable', `the object ${oid} is too large`, { hint: 'run `git fsck` in the repository' });
    });
  }
}
