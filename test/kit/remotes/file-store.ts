import { createHash } from 'node:crypto';
import type { CommitFacts } from '../../../src/domain/past/activity.ts';
import type { CommitDraft } from '../../../src/domain/queue/edit.ts';
import {
  DEFAULT_POOL_SETTINGS,
  type ProjectSnapshot,
  type QueueSnapshot,
  type Reading,
  type TaskEntry,
} from '../../../src/domain/queue/snapshot.ts';
import type { TaskState } from '../../../src/domain/queue/task.ts';
import type { Look } from '../../../src/git/answers/look.ts';
import type { PushOutcome, RefUpdate } from '../../../src/git/answers/push-outcome.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { toCommitSpecs } from '../../../src/store/commit-specs.ts';
import type { CarriedOutLookup, CarriedOutRequest, QueueStore } from '../../../src/store/queue-store.ts';
import type { SnapshotScope } from '../../../src/store/reading/snapshot-scope.ts';
import { locationFor } from '../queues/snapshots.ts';
import { BRANCH, type FileCommit, type FileRemote } from './file-remote.ts';

const STATES: Readonly<Record<string, TaskState>> = { tasks: 'ready', claimed: 'claimed', completed: 'completed' };

/**
 * One agent's view of a {@link FileRemote}, with the real codec and the real commits' contents: a simulated network,
 * and nothing else. `step` is awaited before every request and before every answer, so that a test decides who goes next.
 */
export class FileStore implements QueueStore {
  readonly name = 'origin';
  readonly branchRef: string = BRANCH;
  readonly #remote: FileRemote;
  readonly #step: (what: string) => Promise<void>;

  constructor(remote: FileRemote, step: (what: string) => Promise<void> = async () => undefined) {
    this.#remote = remote;
    this.#step = step;
  }

  async look(prefixes: readonly string[] = []): Promise<Look> {
    await this.#step('look');
    const look = this.#remote.look(prefixes);
    await this.#step('looked');
    return look;
  }

  async snapshot(tip: string, scope: SnapshotScope): Promise<QueueSnapshot> {
    await this.#step('fetch');
    const entries = [...this.#remote.commit(tip).files].flatMap(([path, bytes]) => entryOf(path, bytes, scope));
    const projects = new Map<string, ProjectSnapshot>();
    for (const name of new Set(entries.map(({ key }) => key.project))) {
      const own = entries.filter(({ key }) => key.project === name);
      projects.set(name, { name, locations: [locationFor(name)], entries: own, stalls: new Map() });
    }
    return { tip, projects, settings: DEFAULT_POOL_SETTINGS, findings: [] };
  }

  async build(snapshot: QueueSnapshot, plans: readonly CommitDraft[], now: number): Promise<readonly string[]> {
    const { files } = this.#remote.commit(snapshot.tip);
    const blobs = new Map([...files.values()].map((bytes) => [blobId(bytes), bytes]));
    const readBlob = (oid: string): Uint8Array => {
      const bytes = blobs.get(oid);
      if (!bytes) throw new Error(`there is no blob ${oid}`);
      return bytes;
    };
    const specs = await toCommitSpecs(snapshot, plans, {
      now,
      committer: undefined,
      readBlobs: async (oids) => oids.map(readBlob),
    });
    let parent = snapshot.tip;
    const ids: string[] = [];
    for (const { message, author, timeSeconds, changes } of specs) {
      const tree = new Map(this.#remote.commit(parent).files);
      for (const change of changes) {
        if ('from' in change) throw new Error('the engine moves files by deleting and writing');
        if ('delete' in change) tree.delete(change.path);
        else tree.set(change.path, 'content' in change ? change.content : readBlob(change.oid));
      }
      parent = this.#remote.add([parent], tree, { message, author: author.name, timeMs: timeSeconds * 1000 });
      ids.push(parent);
    }
    return ids;
  }

  async push(updates: readonly RefUpdate[], { atomic = false } = {}): Promise<PushOutcome> {
    await this.#step('push');
    const outcome = this.#remote.push(updates, { atomic });
    await this.#step('pushed');
    return outcome;
  }

  async *history(from: string, limit: number): AsyncIterable<CommitFacts> {
    for (const { facts } of this.#remote.ancestors(from).slice(0, limit)) yield facts;
  }

  marker(): string {
    return '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  }

  async storeBlob(bytes: Uint8Array): Promise<string> {
    return this.#remote.blobs.store(bytes);
  }

  async readBlobs(oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    await this.#step('read blobs');
    return this.#remote.blobs.read(oids);
  }

  async carriedOut(tip: string, bases: readonly string[], requests: readonly string[]): Promise<CarriedOutLookup> {
    await this.#step('look back');
    const history = this.#remote.ancestors(tip);
    const reachable = new Set(history.map(({ id }) => id));
    const stray = bases.find((base) => !reachable.has(base));
    if (stray !== undefined) return { kind: 'no-verdict', reason: `${stray} is not in the history of ${tip}` };
    const common = bases.map((base) => new Set(this.#remote.ancestors(base).map(({ id }) => id)));
    const since = history.filter(({ id }) => !common.every((older) => older.has(id)));
    const wanted = new Set(requests);
    const found = since.flatMap((commit) => requestsIn(commit)).filter(({ request }) => wanted.has(request));
    return { kind: 'verdict', carriedOut: new Map(found.map((one) => [one.request, one])) };
  }
}

function requestsIn({ id, facts }: FileCommit): CarriedOutRequest[] {
  const valuesOf = (name: string) => facts.trailers.filter(({ key }) => key === name).map(({ value }) => value);
  const tasks = valuesOf('Agentq-Task');
  return valuesOf('Agentq-Request').map((request, index) => ({ request, commit: id, task: tasks[index] ?? tasks[0] }));
}

function entryOf(path: string, bytes: Uint8Array, scope: SnapshotScope): TaskEntry[] {
  const { project, folder, id } =
    /^\.agents\/(?<project>[^/]+)\/(?<folder>\w+)\/(?<id>[^/]+)\.toon$/.exec(path)?.groups ?? {};
  const state = STATES[folder ?? ''];
  if (project === undefined || id === undefined || state === undefined) return [];
  const isRead = scope.read.has(state) || scope.ids?.has(id) === true;
  const reading: Reading = isRead ? readTask(bytes, { path, project, id }) : { kind: 'unread' };
  const location = locationFor(project);
  return [{ key: { project, id }, state, path, blob: blobId(bytes), mode: '100644', location, reading }];
}

function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}
