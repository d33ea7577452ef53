import { given } from '../../domain/base/given.ts';
import { projectOf } from '../../domain/branches/other-branch.ts';
import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import type { CommitFacts } from '../../domain/past/activity.ts';
import type { TaskEntry } from '../../domain/queue/snapshot.ts';
import type { ThreeTexts } from '../../git/editing/merge-file.ts';
import type { EventStore, LoggedCommit } from '../../store/event-store.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import { failureOf } from '../base/refusal.ts';
import { standingsOf } from '../open/carrier.ts';
import type { GitSide } from '../open/git-side.ts';
import type { Bounded } from '../open/queue-reader.ts';
import type { Code } from '../queue/code.ts';
import type {
  PastOptions,
  Reader,
  ReadQueue,
  RecordRange,
  SnapshotOptions,
  Standing,
  WatchedEvent,
  WatchOptions,
} from '../queue/reader.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tips } from '../queue/tips.ts';
import { readSnapshot } from '../transaction/tip.ts';
import { lookBack } from '../waiting/looking-back.ts';
import { newestFirst, only } from './merging.ts';
import { type Branches, BranchReading, eventsOf } from './reading.ts';
import { watchBranches } from './watching.ts';

/** What a reader of several branches is made of. */
export interface BranchedReaderParts {
  readonly branches: Branches;
  /** The reader of the main branch. */
  readonly main: Reader;
  readonly bounded: Bounded;
  /** The branch on which this process made the commit; undefined: not known. */
  branchOf(commit: string): string | undefined;
  /** Waits for one branch to move. */
  tipsOf(branch: string): Tips;
}

/** The reading half of a queue whose projects may live on several branches: one answer for all of them. */
export class BranchedReader implements Reader {
  readonly #parts: BranchedReaderParts;
  readonly #reading: BranchReading;
  /** The tips that were read together with a tip of the main branch. */
  readonly #tips = new Map<string, ReadonlyMap<string, string>>();

  constructor(parts: BranchedReaderParts) {
    this.#parts = parts;
    this.#reading = new BranchReading(parts.branches);
  }

  get code(): Code {
    return this.#parts.main.code;
  }

  snapshot(scope: SnapshotScope, options: SnapshotOptions = {}): Promise<ReadQueue> {
    const { branches, bounded, branchOf, main } = this.#parts;
    const { commit, revision, unreadable, project, seen } = options;
    if (revision !== undefined) return main.snapshot(scope, options);
    if (commit !== undefined) {
      return bounded(async () => {
        const { engine } = (await branches.side(branchOf(commit) ?? branches.map.main)).carrier;
        const own = unreadable === 'leave' ? { ...engine, onEvent: () => undefined } : engine;
        return readSnapshot(own, commit, { ...scope, copies: 'kept' });
      });
    }
    return bounded(async () => {
      const { read, ...snapshot } = await this.#reading.snapshot(scope, given({ unreadable, project, seen }));
      this.#tips.set(snapshot.tip, read.tips);
      const isOne = read.ownership.isSingle || branches.options.reach === 'this-branch';
      return isOne ? snapshot : { ...snapshot, branches: read };
    });
  }

  rehearse(intent: Intent): Promise<Submitted> {
    const { bounded, branches } = this.#parts;
    return bounded(async () => {
      const { clock } = branches.options;
      const startedAt = clock.now();
      const { reach } = branches.options;
      const how = reach === 'this-branch' ? given({ project: projectOf(intent) }) : {};
      const [decision] = (await this.#reading.decide([intent], how)).decided.decisions;
      if (!decision) throw new Error('one intent, no decision');
      if (decision.kind === 'refused') throw failureOf(decision.refusal);
      const effort = { attempts: 1, rejectedPushes: 0, backoffBaseMs: 0, elapsedMs: clock.now() - startedAt };
      return { outcome: decision.outcome, commit: undefined, base: undefined, ...effort };
    });
  }

  async standing(heartbeats: readonly HeartbeatIntent[], tip: string | undefined): Promise<readonly Standing[]> {
    const { bounded, branches, main } = this.#parts;
    // Several branches have no one tip, and a project may have moved to another branch since it was known.
    if (tip !== undefined && branches.map.ownership.isSingle) {
      const standings = await main.standing(heartbeats, tip);
      if (!standings.some((one) => one.kind === 'gone' && one.failure.code === 'other-branch')) return standings;
    }
    return bounded(async () => standingsOf((await this.#reading.decide(heartbeats)).decided));
  }

  taskBytes(entry: TaskEntry): Promise<Uint8Array> {
    return this.#parts.main.taskBytes(entry);
  }

  editor(env: Parameters<Reader['editor']>[0]): Promise<string> {
    return this.#parts.main.editor(env);
  }

  mergeTexts(texts: ThreeTexts): Promise<Uint8Array | undefined> {
    return this.#parts.main.mergeTexts(texts);
  }

  async *history(from: string, limit: number): AsyncGenerator<CommitFacts, void, void> {
    const sides = await this.#sidesAt(from);
    const streams = sides.map(({ side, tip }) => side.parts.store.history(tip, limit));
    yield* newestFirst(
      streams,
      ({ timeMs }) => timeMs,
      ({ oid }) => oid,
      limit,
    );
  }

  ancestors(commit: string, limit: number): AsyncIterable<CommitFacts> {
    return this.#parts.main.ancestors(commit, limit);
  }

  async *record(newerThanMs: number | undefined, range?: RecordRange): AsyncGenerator<LoggedCommit, void, void> {
    const { bounded } = this.#parts;
    const streams = await bounded(async () => {
      const sides = range === undefined ? await this.#sidesNow() : await this.#sidesAt(range.tip);
      return sides.map(({ events, tip }) => events.log(tip, newerThanMs, range?.after));
    });
    yield* newestFirst(
      streams,
      ({ timeMs }) => timeMs,
      ({ oid }) => oid,
    );
  }

  holds(tip: string, commits: readonly string[]): Promise<boolean> {
    return this.#parts.bounded(async () => {
      const sides = await this.#sidesAt(tip);
      const tips = sides.map((side) => side.tip);
      return sides[0] === undefined ? false : sides[0].events.reach(tips, commits);
    });
  }

  async beats(): Promise<readonly Beat[]> {
    const { branches, bounded } = this.#parts;
    return bounded(async () => {
      const sides = await Promise.all(branches.map.ownership.branches.map((branch) => branches.side(branch)));
      const all = await Promise.all(
        sides.map(({ parts }) => (parts.remote === undefined ? [] : parts.store.heartbeats.read())),
      );
      return all.flat();
    });
  }

  async *past(options: PastOptions): AsyncGenerator<Omit<WatchedEvent, 'cursor'>, void, void> {
    const { map } = this.#parts.branches;
    const { ownership } = map;
    const project = options.task?.key.project ?? options.project;
    const all = await this.#sidesAt(options.tip);
    const sides = project === undefined ? all : all.filter(({ branch }) => ownership.owns(branch, project));
    const streams = sides.map(({ branch, events, tip }) =>
      only(lookBack(events, { ...options, tip }), ({ event }) => ownership.owns(branch, event.project ?? '')),
    );
    if (all.length === 1) yield* this.#parts.main.past(options);
    else yield* newestFirst(streams, ({ event }) => event.at, undefined, options.limit);
  }

  async *watch(options: WatchOptions): AsyncGenerator<WatchedEvent, void, void> {
    const { branches, tipsOf } = this.#parts;
    yield* watchBranches(branches, this.#reading, tipsOf, options);
  }

  /** The branches where they are now, fetched. */
  async #sidesNow(): Promise<readonly Reading[]> {
    const { tips } = await this.#reading.look();
    const sides = await this.#sidesOf(tips);
    await Promise.all(sides.map(({ events, tip }) => events.fetch(tip)));
    return sides;
  }

  async #sidesAt(tip: string): Promise<readonly Reading[]> {
    return this.#sidesOf(this.#tips.get(tip) ?? new Map([[this.#parts.branches.map.main, tip]]));
  }

  #sidesOf(tips: ReadonlyMap<string, string>): Promise<readonly Reading[]> {
    return Promise.all(
      [...tips].map(async ([branch, tip]) => {
        const side = await this.#parts.branches.side(branch);
        return { branch, tip, side, events: eventsOf(side) };
      }),
    );
  }
}

/** A branch at a tip, and what reads its history. */
interface Reading {
  readonly branch: string;
  readonly tip: string;
  readonly side: GitSide;
  readonly events: EventStore;
}
