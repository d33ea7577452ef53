import { FIRST, MemoryHistory, requestsOf } from '../../../lab/model/memory-history.ts';
import { MemoryRemote } from '../../../lab/model/memory-remote.ts';
import type { VirtualTime } from '../../../lab/model/virtual-time.ts';
import { given } from '../../../src/domain/base/given.ts';
import { HEARTBEATS, parseBeats } from '../../../src/domain/leases/ref-heartbeat.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { ANSWERS, REQUESTS } from '../../../src/engine/transaction/requests.ts';
import type { Look } from '../../../src/git/answers/look.ts';
import type { PushOutcome, RefUpdate } from '../../../src/git/answers/push-outcome.ts';
import type { LandedCommit, SeenPush } from '../history.ts';
import type { PushFault, ScriptedFault, ServerSpec } from '../spec.ts';
import { type Span, START } from './process.ts';

const BRANCH = 'refs/heads/develop';

/**
 * After this long (ms) without a word git is ended, where nobody has less patience: see `src/git/upstream/remote.ts`.
 */
const SILENCES = { look: 2 * 60_000, fetch: 10 * 60_000, push: 10 * 60_000 } as const;

/** Longest name of a ref that a server of FIELD 1 takes. */
const SHORT_NAME = 255;

/** A push on its way. */
export interface PushOrder {
  readonly process: string;
  readonly updates: readonly RefUpdate[];
  readonly atomic: boolean;
  /** One way, in ms. */
  readonly latencyMs: number;
}

/** What a push is about, for those who choose what goes wrong with it. */
export function kindOfPush(updates: readonly RefUpdate[]): SeenPush['what'] {
  if (updates.some(({ ref }) => ref === BRANCH)) return 'branch';
  if (updates.some(({ ref, to }) => ref.startsWith(REQUESTS) && to !== undefined)) return 'request';
  return updates.every(({ to }) => to === undefined) ? 'delete' : 'other';
}

/** A git server behind a network that takes its time, and has every way to keep the answer from its caller. */
export class SimServer {
  readonly history: MemoryHistory;
  readonly commits: LandedCommit[] = [];
  readonly pushes: SeenPush[] = [];
  readonly beats: { readonly claimId: string; readonly at: number }[] = [];
  readonly hangs: (Span & { readonly process: string })[] = [];
  readonly looks = new Map<string, number>();
  readonly #remote: MemoryRemote;
  readonly #time: VirtualTime;
  readonly #spec: ServerSpec;
  /** Chance, apart from everybody else's. */
  readonly #chance: () => number;
  readonly #counts = new Map<string, number>();
  /** Times at which it is away since something happened. */
  readonly #away: Span[] = [];

  readonly #trace: (process: string, what: string) => void;

  /** @param trace is told what becomes of each push */
  constructor(
    time: VirtualTime,
    spec: ServerSpec,
    first: QueueSnapshot,
    chance: () => number,
    trace: (process: string, what: string) => void,
  ) {
    this.#trace = trace;
    this.#time = time;
    this.#spec = spec;
    this.#chance = chance;
    this.history = new MemoryHistory(first);
    this.#remote = new MemoryRemote(BRANCH, FIRST, {
      atomic: spec.atomic ?? true,
      refusalOf: (update) => this.#refusalOf(update),
      onSet: (ref, to) => this.#onSet(ref, to),
    });
  }

  get refs(): ReadonlyMap<string, string> {
    return this.#remote.refs;
  }

  /** When it could not be reached because of something that had happened, in ms from the beginning. */
  get away(): readonly Span[] {
    return this.#away;
  }

  get branchRef(): string {
    return BRANCH;
  }

  /** Blobs are everywhere at once: how they travel is git's business. */
  storeBlob(bytes: Uint8Array): string {
    return this.#remote.blobs.store(bytes);
  }

  blob(oid: string): Uint8Array {
    return this.#remote.blobs.read([oid]).get(oid) ?? new Uint8Array();
  }

  /** Nothing comes for long while the server is silent: the caller ends it, or loses patience. */
  async look(process: string, prefixes: readonly string[], latencyMs: number): Promise<Look | 'unreachable'> {
    this.looks.set(process, (this.looks.get(process) ?? 0) + 1);
    await this.#time.sleep(latencyMs);
    if (this.#isIn(this.#spec.silent)) {
      await this.#hang('look', process);
      return 'unreachable';
    }
    if (this.#isAway()) return 'unreachable';
    const look = this.#remote.look(this.#spec.making === 'hidden' ? [] : prefixes);
    await this.#time.sleep(latencyMs);
    return look;
  }

  /** Whether the server can be asked for objects now. */
  async fetch(process: string, latencyMs: number): Promise<'fetched' | 'unreachable'> {
    await this.#time.sleep(2 * latencyMs);
    if (this.#isIn(this.#spec.silent)) {
      await this.#hang('fetch', process);
      return 'unreachable';
    }
    return this.#isAway() ? 'unreachable' : 'fetched';
  }

  async push(order: PushOrder): Promise<PushOutcome> {
    const what = kindOfPush(order.updates);
    const seen: { process: string; at: number; what: typeof what; until?: number } = {
      process: order.process,
      at: this.#time.now(),
      what,
    };
    this.pushes.push(seen);
    try {
      return await this.#push(order, what);
    } finally {
      seen.until = this.#time.now();
    }
  }

  async #push(order: PushOrder, what: SeenPush['what']): Promise<PushOutcome> {
    const { fault, thenAwayMs } = this.#faultOf(order.process, what);
    await this.#time.sleep(order.latencyMs);
    if (this.#isIn(this.#spec.silent)) {
      await this.#hang('push', order.process);
      return { kind: 'unknown', words: 'unexpected disconnect while reading sideband packet' };
    }
    if (this.#isAway()) return { kind: 'transient', words: 'Could not resolve host' };
    if (this.#isIn(this.#spec.limited)) return { kind: 'unknown', words: 'The requested URL returned error: 429' };
    const outcome = await this.#carryOut(order, fault, thenAwayMs);
    this.#trace(order.process, `   ${what}: ${fault ?? 'no fault'}: ${JSON.stringify(outcome)}`);
    await this.#time.sleep(order.latencyMs);
    return outcome;
  }

  async #carryOut(order: PushOrder, fault: PushFault | undefined, thenAwayMs = 0): Promise<PushOutcome> {
    const { process, updates, atomic } = order;
    const now = this.#time.now() - START;
    if (thenAwayMs > 0) this.#away.push({ from: now, to: now + thenAwayMs });
    const onReceived = ({ kind }: PushOutcome): void => {
      const changes = updates.map(({ ref, expected, to }) => `${ref.slice(0, 60)} ${expected} -> ${to}`);
      this.#trace(process, `   ${kind} ${changes.join(', ')}`);
    };
    if (fault === 'hangs-landed' || fault === 'hangs-lost') {
      if (fault === 'hangs-landed') this.#remote.receive(updates, { atomic, onReceived });
      await this.#hang('push', process);
      return { kind: 'unknown', words: 'the remote end hung up unexpectedly' };
    }
    const later = (arrive: () => void): void => {
      void this.#time.sleep(200 + 8_000 * this.#chance() ** 2).then(arrive);
    };
    return this.#remote.push(updates, { atomic, fault, later, onReceived });
  }

  #refusalOf({ ref, to }: RefUpdate): PushOutcome | undefined {
    if (!ref.startsWith('refs/agentq/')) return undefined;
    const how = to === undefined ? (this.#spec.deleting ?? 'taken') : (this.#spec.making ?? 'taken');
    switch (how) {
      case 'taken':
      case 'hidden':
        return undefined;
      case 'refused':
        return {
          kind: 'refused',
          reason: to === undefined ? 'declined' : 'hidden-ref',
          words: 'deny updating a hidden ref',
        };
      case 'unknown-words':
        return { kind: 'unknown', words: 'TF401027: You need the Git CreateBranch permission' };
      case 'too-large':
        return { kind: 'unknown', words: 'The requested URL returned error: 413' };
      case 'short-names':
        return ref.length <= SHORT_NAME
          ? undefined
          : { kind: 'refused', reason: 'declined', words: 'GH005: ref name too long' };
    }
  }

  #onSet(ref: string, to: string | undefined): void {
    if (ref.startsWith(HEARTBEATS) && to !== undefined) {
      for (const { claimId = '' } of parseBeats(Buffer.from(this.blob(to)).toString('utf8'))) {
        this.beats.push({ claimId, at: this.#time.now() });
      }
    }
    if (ref !== BRANCH || to === undefined) return;
    for (const commit of this.history.land(to)) {
      const facts = this.history.facts(commit);
      const state = new QueueState(this.history.snapshot(commit.oid));
      this.commits.push({
        oid: commit.oid,
        at: this.#time.now(),
        facts,
        requests: requestsOf(facts).map(([request]) => request),
        changes: commit.decided.tasks,
        created: (commit.decided.created ?? []).map(({ entry }) => ({ task: formatKey(entry.key), path: entry.path })),
        claimable: [...state.claimableInOrder()].length,
      });
    }
  }

  #faultOf(process: string, what: SeenPush['what']): Partial<ScriptedFault> {
    const count = (key: string): number => {
      const next = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, next);
      return next;
    };
    const numbers = new Map(
      [`${process} ${what}`, `${process} any`, `* ${what}`, '* any'].map((key) => [key, count(key)]),
    );
    for (const scripted of this.#spec.scripted ?? []) {
      if (scripted.process !== undefined && scripted.process !== process) continue;
      if (scripted.what !== 'any' && scripted.what !== what) continue;
      const number = numbers.get(`${scripted.process ?? '*'} ${scripted.what}`);
      if (scripted.number === undefined || scripted.number === number) return scripted;
    }
    const { faults } = this.#spec;
    const [die, which] = [this.#chance(), this.#chance()];
    if (faults === undefined || !this.#isIn([faults.within]) || die >= faults.share) return {};
    const fault = faults.kinds[Math.floor(which * faults.kinds.length)];
    return given({ fault });
  }

  #isAway(): boolean {
    return this.#isIn(this.#spec.outages) || this.#isIn(this.#away);
  }

  #hang(what: keyof typeof SILENCES, process: string): Promise<void> {
    const from = this.#time.now();
    this.hangs.push({ process, from, to: from + SILENCES[what] });
    return this.#time.sleep(SILENCES[what]);
  }

  #isIn(spans: readonly Span[] | undefined): boolean {
    const now = this.#time.now() - START;
    return spans?.some(({ from, to }) => now >= from && now < to) === true;
  }
}

/** Whether a ref is one that is to be gone at the end; those of heartbeats may stay for a day. */
export function isHelpRef(ref: string): boolean {
  return ref.startsWith(REQUESTS) || ref.startsWith(ANSWERS);
}
