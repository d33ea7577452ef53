import type { Clock, Randomness } from '../../src/domain/base/clock.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import type { CommitFacts } from '../../src/domain/past/activity.ts';
import type { CommitDraft } from '../../src/domain/queue/edit.ts';
import type { QueueSnapshot } from '../../src/domain/queue/snapshot.ts';
import type { Look } from '../../src/git/answers/look.ts';
import type { PushOutcome, RefUpdate } from '../../src/git/answers/push-outcome.ts';
import type { LookBack } from '../../src/git/history/history.ts';
import type { CarriedOutLookup, QueueStore } from '../../src/store/queue-store.ts';
import type { SnapshotScope } from '../../src/store/reading/snapshot-scope.ts';
import { FIRST } from './memory-history.ts';
import type { PushFault } from './memory-remote.ts';
import type { ModelRemote } from './model-remote.ts';

/** How long (ms) each step takes, drawn again for each call. */
export interface Delays {
  look(): number;
  /** Fetching and reading a tip. */
  read(): number;
  /** Making this many commits. */
  build(commits: number): number;
  push(): number;
}

export interface MemoryStoreOptions {
  readonly remote: ModelRemote;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly delays: Delays;
  /** Whether the process that uses this store still lives: a killed one hears nothing more. */
  readonly isAlive?: () => boolean;
  /** What goes wrong with the next push. */
  readonly fault?: () => PushFault | undefined;
}

/** The id of the empty tree, as git has it. */
const MARKER = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A queue at a remote in memory, as one process sees it: each request takes time, and is decided when it arrives. */
export class MemoryStore implements QueueStore {
  readonly name = 'the simulated remote';
  readonly branchRef: string;
  readonly #options: MemoryStoreOptions;

  constructor(options: MemoryStoreOptions) {
    this.branchRef = options.remote.server.branchRef;
    this.#options = options;
  }

  async look(prefixes: readonly string[] = []): Promise<Look> {
    const { remote, delays } = this.#options;
    const ms = delays.look();
    await this.#takes(ms / 2);
    const look = remote.server.look(prefixes);
    await this.#takes(ms / 2);
    return look;
  }

  async snapshot(tip: string, scope: SnapshotScope): Promise<QueueSnapshot> {
    const { remote, delays } = this.#options;
    await this.#takes(delays.read());
    const { ids, read } = scope;
    return ids !== undefined && read.size === 0 ? remote.history.tasks(tip, ids) : remote.history.snapshot(tip);
  }

  async build(snapshot: QueueSnapshot, plans: readonly CommitDraft[], now: number): Promise<readonly string[]> {
    const { remote, delays } = this.#options;
    await this.#takes(delays.build(plans.length));
    let parent = snapshot.tip;
    return plans.map((decided) => {
      parent = remote.history.add({ parents: [parent], treeOf: parent, decided: decided, timeMs: now });
      return parent;
    });
  }

  async push(updates: readonly RefUpdate[], options: { readonly atomic?: boolean } = {}): Promise<PushOutcome> {
    const { remote, delays, fault } = this.#options;
    const ms = delays.push();
    await this.#takes(ms / 2);
    const outcome = remote.push(updates, options.atomic === true, fault?.());
    await this.#takes(ms / 2);
    return outcome;
  }

  async *history(from: string, limit: number): AsyncIterable<CommitFacts> {
    const { history } = this.#options.remote;
    let left = limit;
    for (const commit of history.line(from)) {
      if (left-- <= 0) return;
      yield history.facts(commit);
    }
  }

  marker(): string {
    return MARKER;
  }

  async storeBlob(bytes: Uint8Array): Promise<string> {
    return this.#options.remote.server.blobs.store(bytes);
  }

  /**
   * Takes no time: what a process has read of requests it keeps in the module, which all of the model share. So who
   * reads would depend on what ran before, and the same seed would not come out the same.
   */
  async readBlobs(oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#options.remote.server.blobs.read(oids);
  }

  async carriedOut(tip: string, bases: LookBack, requests: readonly string[]): Promise<CarriedOutLookup> {
    const { remote } = this.#options;
    await this.#takes(this.#options.delays.read() / 2);
    return remote.history.served(tip, bases === 'the beginning' ? [FIRST] : bases, requests, remote.lookBack);
  }

  async #takes(ms: number): Promise<void> {
    const { clock, isAlive } = this.#options;
    await clock.sleep(ms);
    // The request of a killed process is still carried out, but nobody goes on from there.
    if (isAlive?.() === false) throw new Failure('interrupted', 'killed');
  }
}
