import { Failure } from '../../domain/base/failure.ts';
import { mergeByOwnership } from '../../domain/branches/owned-snapshot.ts';
import { Ownership } from '../../domain/branches/ownership.ts';
import { type Decided, decide } from '../../domain/deciding/decide.ts';
import type { Intent, TaskReference } from '../../domain/intents/intent.ts';
import { QueueState } from '../../domain/queue/queue-state.ts';
import type { QueueSnapshot } from '../../domain/queue/snapshot.ts';
import type { TaskKey } from '../../domain/queue/task.ts';
import { resolveReference } from '../../domain/resolving/reference.ts';
import { type EventStore, openEventStore } from '../../store/event-store.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import type { Engine } from '../base/engine.ts';
import { failureOf } from '../base/refusal.ts';
import { retryable } from '../base/retryable.ts';
import { isHelpWanted } from '../open/early-git.ts';
import type { GitSide } from '../open/git-side.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import type { Tip } from '../queue/tips.ts';
import { HELP_REFS } from '../transaction/requests.ts';
import { scopeOf, withWitnesses } from '../transaction/scope.ts';
import { endingOf, type LookAtTip, lookAtTip, readSnapshot } from '../transaction/tip.ts';
import type { SeenLooks } from '../waiting/seen-looks.ts';
import type { BranchMap } from './branch-map.ts';

/** The branches of an open queue. */
export interface Branches {
  readonly map: BranchMap;
  readonly options: OpenQueueOptions;
  /** What was seen while waiting for the branches to move. */
  readonly seen: SeenLooks;
  /** What reads and writes a branch, opened when it is first needed. */
  side(branch: string): Promise<GitSide>;
}

/** Where the branches are. One that does not exist is left out. */
export interface Looked {
  readonly ownership: Ownership;
  readonly tips: ReadonlyMap<string, string>;
}

/** The branches, read at their tips. */
export interface ReadBranches extends Looked {
  readonly snapshots: ReadonlyMap<string, QueueSnapshot>;
}

/** How the branches are read. */
export interface HowToRead {
  /** Only what concerns this project is needed. */
  readonly project?: string | undefined;
  /** A push most likely follows on one of them: it then needs no look of its own. */
  readonly toPush?: true;
  readonly unreadable?: 'report' | 'leave' | undefined;
  /** Where {@link Branches.seen} has the branches: they are read there, if that shows enough of them. */
  readonly seen?: Tip;
}

/** Looks for branches that the settings have named meanwhile: they hardly ever change. */
const MOST_LOOKS = 3;

/**
 * Reads all branches of a queue, each tip once, after one look at all of them. Only if the settings name a branch that
 * was not known, it looks once more.
 */
export class BranchReading {
  readonly #branches: Branches;

  constructor(branches: Branches) {
    this.#branches = branches;
  }

  get map(): BranchMap {
    return this.#branches.map;
  }

  /** Where the branches are that concern this project, or all projects. @throws Failure of the remote */
  look(how: HowToRead = {}): Promise<Looked> {
    return this.#looking(how, async (engine, side, tip) => ({
      ownership: await retryable(() => side.parts.store.ownershipAt(tip, endingOf(engine))),
    }));
  }

  /** @throws Failure of the remote */
  async read(scope: SnapshotScope, how: HowToRead = {}): Promise<ReadBranches> {
    const read = await this.#readOnce(scope, how);
    // Refs are listed one after the other: in the middle of a move, a project may seem to be nowhere.
    return isTorn(read) ? this.#readOnce(scope, { ...how, seen: undefined }) : read;
  }

  async #readOnce(scope: SnapshotScope, how: HowToRead): Promise<ReadBranches> {
    const { map } = this.#branches;
    const looked = await this.#looking(how, async (engine, _, tip) => {
      const snapshot = await readSnapshot(quiet(engine, how), tip, scope);
      return { ownership: new Ownership(map.main, snapshot.settings, snapshot.pauses), snapshot };
    });
    const others = [...looked.tips].filter(([branch]) => branch !== map.main);
    const snapshots = await Promise.all(
      others.map(async ([branch, tip]): Promise<[string, QueueSnapshot]> => {
        const { engine } = (await this.#branches.side(branch)).carrier;
        return [branch, await readSnapshot(quiet(engine, how), tip, scope)];
      }),
    );
    return { ...looked, snapshots: new Map([[map.main, looked.snapshot], ...snapshots]) };
  }

  /** The queue of all branches, as one snapshot. */
  async snapshot(scope: SnapshotScope, how: HowToRead = {}): Promise<QueueSnapshot & { readonly read: ReadBranches }> {
    const read = await this.read(scope, how);
    const main = read.snapshots.get(this.map.main);
    if (main === undefined) throw new Error('no snapshot of the main branch');
    // On a branch that the user has named, projects that live elsewhere can be told from those that do not exist.
    const isOne = read.ownership.isSingle || (read.snapshots.size === 1 && this.#isAlone);
    const merged = isOne ? main : mergeByOwnership(read.ownership, read.snapshots);
    return { ...merged, read };
  }

  /**
   * The task that is named, wherever its project lives. @throws Failure if there is none, or several projects have it
   */
  async find(task: TaskReference): Promise<TaskKey> {
    const found = resolveReference(new QueueState(await this.snapshot({ read: new Set() })), task);
    if (found.kind === 'refused') throw failureOf(found.refusal);
    return found.entry.key;
  }

  /** Decides intents on all branches at once, and builds nothing. */
  async decide(intents: readonly Intent[], how: HowToRead = {}): Promise<Choice> {
    const { clock } = this.#branches.options;
    // What tasks require on other branches is in the snapshot of all of them.
    const scope = { ...scopeOf(intents, clock.now()), elsewhere: 'left' as const };
    const snapshot = asWhole(await this.snapshot(scope, how));
    const decided = decide(snapshot, intents, clock.now());
    if (decided.needs === undefined) return { decided, snapshot, ownership: snapshot.read.ownership };
    const witnessed = asWhole(await this.snapshot(withWitnesses(scope, clock.now()), how));
    const { ownership } = witnessed.read;
    return { decided: decide(witnessed, intents, clock.now()), snapshot: witnessed, ownership };
  }

  async #looking<T extends { readonly ownership: Ownership }>(
    how: HowToRead,
    learn: (engine: Engine, side: GitSide, tip: string) => Promise<T>,
  ): Promise<T & Looked> {
    const { map, options } = this.#branches;
    const side = await this.#branches.side(map.main);
    const { engine } = side.carrier;
    const helping = how.toPush && side.parts.remote !== undefined && isHelpWanted(options) ? HELP_REFS : [];
    for (let round = 1; round <= MOST_LOOKS; round++) {
      const seen = round === 1 ? this.#branches.seen.at(how.seen) : undefined;
      const asked = seen?.others ?? this.#wanted(map.ownership, how);
      const prefixes = [...helping, ...asked.map(refOf)];
      const look = seen?.look ?? (await lookAtTip(engine, prefixes, how.toPush === true));
      const learnt = await learn(engine, side, look.tip);
      map.learn(look.tip, learnt.ownership);
      if (!this.#wanted(learnt.ownership, how).every((branch) => asked.includes(branch))) continue;
      if (how.toPush) side.parts.looks.offer(refOf(map.main), prefixes, look);
      return { ...learnt, tips: tipsOf(look, map.main, this.#wanted(learnt.ownership, how)) };
    }
    throw new Failure('remote-unreachable', 'the branches of projects changed while they were being read', {
      hint: 'try again',
    });
  }

  /** The branches besides the main one that are read. */
  #wanted(ownership: Ownership, { project }: HowToRead): readonly string[] {
    const all = project === undefined ? ownership.branches : [ownership.branchOf(project)];
    return this.#isAlone && project === undefined ? [] : all.filter((branch) => branch !== ownership.main);
  }

  /** Whether only the branch that the user has named is looked at. */
  get #isAlone(): boolean {
    return this.#branches.options.reach === 'this-branch';
  }
}

/** Whether a branch lacks a project that should live there: it may just have moved. */
function isTorn({ ownership, snapshots }: ReadBranches): boolean {
  return [...snapshots].some(
    ([branch, { projects }]) =>
      branch !== ownership.main && ownership.namedOn(branch).some((project) => !projects.has(project)),
  );
}

/** What was decided on all branches, and on what. */
export interface Choice {
  readonly decided: Decided;
  readonly snapshot: QueueSnapshot;
  readonly ownership: Ownership;
}

function tipsOf({ tip, refs }: LookAtTip, main: string, others: readonly string[]): ReadonlyMap<string, string> {
  const found = others.flatMap((branch): [string, string][] => {
    const oid = refs.get(refOf(branch));
    return oid === undefined ? [] : [[branch, oid]];
  });
  return new Map([[main, tip], ...found]);
}

/** The snapshot as all that there is to decide on. */
function asWhole<T extends QueueSnapshot>({ otherBranch: _, ...snapshot }: T): Omit<T, 'otherBranch'> {
  return snapshot;
}

/** Full name of a branch. */
export function refOf(branch: string): string {
  return `refs/heads/${branch}`;
}

/** The caller may report unreadable files itself. */
function quiet(engine: Engine, { unreadable }: HowToRead): Engine {
  if (unreadable !== 'leave') return engine;
  const { onEvent } = engine;
  return { ...engine, onEvent: (event) => (event.kind === 'unreadable-task' ? undefined : onEvent(event)) };
}

/** The history of one branch. */
export function eventsOf({ parts: { repository, upstream, objects, store } }: GitSide): EventStore {
  return openEventStore(repository, upstream, objects, store.branchRef);
}
