import type { VirtualTime } from '../../../lab/model/virtual-time.ts';
import type { Randomness } from '../../../src/domain/base/clock.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { CommitFacts } from '../../../src/domain/past/activity.ts';
import type { CommitDraft } from '../../../src/domain/queue/edit.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import type { PushLine } from '../../../src/engine/machines/push-line.ts';
import { withPushLine } from '../../../src/engine/open/push-turn.ts';
import type { Look } from '../../../src/git/answers/look.ts';
import type { PushOutcome, RefUpdate } from '../../../src/git/answers/push-outcome.ts';
import type { Ending } from '../../../src/git/process/ending.ts';
import { HeartbeatRefs } from '../../../src/store/leases/heartbeat-refs.ts';
import type { CarriedOutLookup, QueueStore } from '../../../src/store/queue-store.ts';
import type { SnapshotScope } from '../../../src/store/reading/snapshot-scope.ts';
import type { Step } from '../spec.ts';
import { type SightingsOfClone, withEvidence } from './evidence.ts';
import { type SimProcess, START } from './process.ts';
import type { SimServer } from './server.ts';

/** git's own empty tree. */
const MARKER = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** How long (ms) it takes to end git. */
const KILL_MS = 20;

export interface SimStoreOptions {
  readonly process: SimProcess;
  readonly server: SimServer;
  readonly time: VirtualTime;
  readonly random: Randomness;
  readonly latencyMs: number;
  readonly sightings: SightingsOfClone;
  /** In which its pushes stand with those of other machines; undefined: in none. */
  readonly line: PushLine | undefined;
  /** The process is interrupted: what it pushes then takes something back, and does not wait. */
  readonly signal: AbortSignal;
  /** Aborted when git must end. */
  readonly cut: AbortSignal;
  /** Called when a step begins; what the world does to the process then is done at once. */
  onStep(step: Step): void;
}

/** The queue as one process sees it, through a git that takes its time and can be killed. */
export class SimStore implements QueueStore {
  readonly name = 'origin';
  readonly branchRef: string;
  readonly heartbeats: HeartbeatRefs;
  readonly push: QueueStore['push'];
  readonly turn: QueueStore['turn'];
  readonly #options: SimStoreOptions;

  constructor(options: SimStoreOptions) {
    this.#options = options;
    const { server, line, process, signal } = options;
    const around = { clock: process.clock, random: process.random, signal, onEvent: () => undefined };
    const push: QueueStore['push'] = (updates, how) => this.#push(updates, how);
    const turns = line && withPushLine({ push }, line, around);
    this.push = turns?.push ?? push;
    this.turn = turns?.turn;
    this.branchRef = server.branchRef;
    this.heartbeats = new HeartbeatRefs(
      async (bytes) => server.storeBlob(bytes),
      {
        look: (_, prefixes, ending) => this.look(prefixes, ending),
        push: (updates, how) => this.push(updates, how),
        fetchObjects: async () => true,
      },
      {
        exists: async () => true,
        readBlobs: async (oids) => oids.map((oid) => ({ kind: 'content', bytes: Buffer.from(server.blob(oid)) })),
      },
      this.branchRef,
    );
  }

  async look(prefixes: readonly string[] = [], ending: Ending = {}): Promise<Look> {
    const { server, process } = this.#options;
    const look = await this.#git('look', ending, () => server.look(process.name, prefixes, this.#latency()));
    if (look === 'unreachable') throw unreachable();
    return look;
  }

  async snapshot(tip: string, scope: SnapshotScope, ending: Ending = {}): Promise<QueueSnapshot> {
    const { server, process, sightings } = this.#options;
    const fetched = await this.#git('read', ending, () => server.fetch(process.name, this.#latency() / 2));
    this.#checkDisk();
    if (fetched === 'unreachable') throw unreachable();
    const { history } = server;
    return withEvidence(history.snapshot(tip), scope, { process, history, heartbeats: this.heartbeats, sightings });
  }

  async build(snapshot: QueueSnapshot, plans: readonly CommitDraft[], now: number): Promise<readonly string[]> {
    const { server, time } = this.#options;
    await this.#git('build', {}, () => time.sleep(this.#vary(8)));
    this.#checkDisk();
    let parent = snapshot.tip;
    return plans.map((plan) => {
      parent = server.history.add({ parents: [parent], treeOf: parent, decided: plan, timeMs: now });
      return parent;
    });
  }

  async #push(
    updates: readonly RefUpdate[],
    { atomic = false, ...ending }: { readonly atomic?: boolean } & Ending = {},
  ): Promise<PushOutcome> {
    const { server, process, onStep } = this.#options;
    const isEnded = (): boolean => ending.signal?.aborted === true;
    if (isEnded()) return { kind: 'transient', words: 'it was ended before it began' };
    const latencyMs = this.#latency();
    try {
      return await this.#git('push', ending, () => server.push({ process: process.name, updates, atomic, latencyMs }));
    } catch (error) {
      if (!isEnded() || this.#options.cut.aborted) throw error;
      return { kind: 'unknown', words: 'it was ended before the remote answered' };
    } finally {
      onStep('pushed');
    }
  }

  async *history(from: string, limit: number): AsyncIterable<CommitFacts> {
    const { history } = this.#options.server;
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
    this.#checkDisk();
    return this.#options.server.storeBlob(bytes);
  }

  async readBlobs(oids: readonly string[], ending: Ending = {}): Promise<ReadonlyMap<string, Uint8Array>> {
    const { server, process } = this.#options;
    const fetched = await this.#git('read', ending, () => server.fetch(process.name, this.#latency() / 2));
    this.#checkDisk();
    if (fetched === 'unreachable') throw unreachable();
    return new Map(oids.map((oid) => [oid, Buffer.from(server.blob(oid))]));
  }

  async carriedOut(
    tip: string,
    bases: readonly string[],
    requests: readonly string[],
    ending: Ending = {},
  ): Promise<CarriedOutLookup> {
    const { server, process } = this.#options;
    const fetched = await this.#git('look-up', ending, () => server.fetch(process.name, this.#latency() / 4));
    if (fetched === 'unreachable') throw unreachable();
    return server.history.served(tip, bases, requests, 'all parents');
  }

  /** Runs one git process: what it comes to, unless it is killed before. To be killed takes it a moment. */
  #git<T>(step: Step, { signal }: Ending, run: () => Promise<T>): Promise<T> {
    const { process, cut, onStep, time } = this.#options;
    onStep(step);
    // Killed right before.
    if (process.state === 'dead') return new Promise(() => undefined);
    return new Promise((resolve, reject) => {
      const kill = (): void => {
        const reason: unknown = cut.aborted ? cut.reason : signal?.reason;
        void time.sleep(KILL_MS).then(() => process.deliver(() => reject(reason)));
      };
      if (cut.aborted || signal?.aborted === true) {
        kill();
        return;
      }
      const signals = signal === undefined ? [cut] : [cut, signal];
      for (const one of signals) one.addEventListener('abort', kill, { once: true });
      process
        .receive(run())
        .then(resolve, reject)
        .finally(() => {
          for (const one of signals) one.removeEventListener('abort', kill);
        });
    });
  }

  #checkDisk(): void {
    const { process, time } = this.#options;
    const now = time.now() - START;
    if (!process.machine.diskFull.some(({ from, to }) => now >= from && now < to)) return;
    throw diskFull();
  }

  #latency(): number {
    return this.#vary(this.#options.latencyMs);
  }

  #vary(ms: number): number {
    return ms * (0.7 + 0.6 * this.#options.random.next());
  }
}

function unreachable(): Failure {
  return new Failure('remote-unreachable', 'remote origin cannot be reached: Could not resolve host', {
    hint: 'check it',
  });
}

function diskFull(): Failure {
  return new Failure('machine-unusable', 'the disk is full: No space left on device', {
    hint: 'make room',
    details: { passing: true },
  });
}
