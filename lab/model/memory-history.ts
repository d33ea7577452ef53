import { type CommitFacts, valuesOf } from '../../src/domain/past/activity.ts';
import { PAUSES_FILE, parsePauses } from '../../src/domain/pausing/pauses.ts';
import type { CommitDraft } from '../../src/domain/queue/edit.ts';
import { QueueState } from '../../src/domain/queue/queue-state.ts';
import type { ProjectSnapshot, QueueSnapshot, TaskEntry } from '../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../src/domain/queue/task.ts';
import { TRAILER } from '../../src/domain/rules/decision.ts';
import type { CarriedOutLookup, CarriedOutRequest } from '../../src/store/queue-store.ts';

/** A commit as far as the queue is concerned. */
export interface MemoryCommit {
  readonly oid: string;
  /** Its tree comes from the first parent, unless `treeOf` says otherwise. */
  readonly parents: readonly string[];
  /** The parent whose tree this commit starts from. */
  readonly treeOf: string | undefined;
  readonly decided: CommitDraft;
  readonly timeMs: number;
}

/** Where a look-up of requests goes; anything but all parents is a defect, for tests that must notice it. */
export type LookBack = 'all parents' | 'first parents';

/** The id of the first commit. Ids are numbered, so that a later commit has a greater one. */
export const FIRST: string = '0'.repeat(40);

/** Number of snapshots that are kept: processes at the same tip share them. */
const KEPT = 8;

/** Commits without git: a graph of commit drafts, and the queue in each of them. */
export class MemoryHistory {
  readonly #commits = new Map<string, MemoryCommit>();
  readonly #snapshots = new Map<string, QueueSnapshot>();
  readonly #first: QueueSnapshot;
  readonly #landed = new Set<string>();
  /** Commits of the branch that changed a task, by its name. */
  readonly #changes = new Map<string, MemoryCommit[]>();
  #merges = 0;

  /** @param first the queue in the first commit of the history */
  constructor(first: QueueSnapshot) {
    this.#first = { ...first, tip: FIRST };
    const decided = { subject: 'Begin', trailers: [], author: 'planner', tasks: [], files: [] };
    this.#landed.add(FIRST);
    this.#commits.set(FIRST, { oid: FIRST, parents: [], treeOf: undefined, decided: decided, timeMs: 0 });
  }

  /** @returns the id of the new commit */
  add(commit: Omit<MemoryCommit, 'oid'>): string {
    const oid = this.#commits.size.toString(16).padStart(40, '0');
    this.#commits.set(oid, { oid, ...commit });
    if (commit.parents.length > 1) this.#merges++;
    return oid;
  }

  commit(oid: string): MemoryCommit {
    const commit = this.#commits.get(oid);
    if (commit === undefined) throw new Error(`there is no commit ${oid}`);
    return commit;
  }

  /** Marks a commit and its new ancestors as part of the branch. @returns the new commits, oldest first */
  land(tip: string): readonly MemoryCommit[] {
    const landed: MemoryCommit[] = [];
    for (let at: string | undefined = tip; at !== undefined && !this.#landed.has(at); ) {
      const commit: MemoryCommit = this.commit(at);
      this.#landed.add(at);
      landed.push(commit);
      at = commit.treeOf;
    }
    for (const commit of landed.reverse()) {
      for (const { key } of commit.decided.tasks) {
        const name = formatKey(key);
        const changes = this.#changes.get(name);
        if (changes === undefined) this.#changes.set(name, [commit]);
        else changes.push(commit);
      }
    }
    return landed;
  }

  /**
   * Only these tasks of the first commit, as they are in a commit of the branch. To look up what became of one task, no
   * more is needed, and 10,000 agents that do so would wait long for 10,000 whole queues.
   */
  tasks(tip: string, ids: ReadonlySet<string>): QueueSnapshot {
    const projects = new Map<string, ProjectSnapshot>();
    const changes = new Set<MemoryCommit>();
    for (const [name, project] of this.#first.projects) {
      const entries = project.entries.filter(({ key }) => ids.has(key.id));
      projects.set(name, { ...project, entries });
      for (const { key } of entries) {
        for (const commit of this.#changes.get(formatKey(key)) ?? []) if (commit.oid <= tip) changes.add(commit);
      }
    }
    const inOrder = [...changes].sort((a, b) => (a.oid < b.oid ? -1 : 1));
    return { ...withChanges({ ...this.#first, projects }, inOrder), tip };
  }

  /** The queue in a commit, made from the nearest known one and the changes after it. */
  snapshot(tip: string): QueueSnapshot {
    const changes: MemoryCommit[] = [];
    let at = tip;
    let known = this.#known(at);
    while (known === undefined) {
      const commit = this.commit(at);
      changes.push(commit);
      at = commit.treeOf ?? '';
      known = this.#known(at);
    }
    const snapshot = changes.length === 0 ? known : { ...withChanges(known, changes.reverse()), tip };
    this.#snapshots.delete(tip);
    this.#snapshots.set(tip, snapshot);
    const [oldest] = this.#snapshots.keys();
    if (this.#snapshots.size > KEPT && oldest !== undefined) this.#snapshots.delete(oldest);
    return snapshot;
  }

  #known(oid: string): QueueSnapshot | undefined {
    return oid === FIRST ? this.#first : this.#snapshots.get(oid);
  }

  /** Commits from here on, newest first, along first parents. */
  *line(from: string): Generator<MemoryCommit> {
    for (let at: string | undefined = from; at !== undefined; ) {
      const commit: MemoryCommit = this.commit(at);
      yield commit;
      at = commit.parents[0];
    }
  }

  facts({ oid, timeMs, decided }: MemoryCommit): CommitFacts {
    return { oid, timeMs, authorName: decided.author, subject: decided.subject, trailers: decided.trailers };
  }

  /** As `QueueStore.carriedOut`. */
  served(tip: string, bases: readonly string[], requests: readonly string[], lookBack: LookBack): CarriedOutLookup {
    const commits = this.#between(tip, bases, lookBack);
    if (commits === undefined) return { kind: 'no-verdict', reason: 'a base is not in the history of the branch' };
    const wanted = new Set(requests);
    const served = new Map<string, CarriedOutRequest>();
    for (const commit of commits) {
      for (const [request, task] of requestsOf(this.facts(commit))) {
        if (wanted.has(request)) served.set(request, { request, commit: commit.oid, task });
      }
    }
    return { kind: 'verdict', carriedOut: served };
  }

  #between(tip: string, bases: readonly string[], lookBack: LookBack): readonly MemoryCommit[] | undefined {
    if (this.#merges === 0) return this.#along(tip, bases);
    const commits = this.#graph(tip, bases);
    if (lookBack === 'all parents') return commits;
    const line = new Set(this.line(tip));
    return commits?.filter((commit) => line.has(commit));
  }

  /** From the tip back to the oldest base, along first parents: that is everything if nothing was merged. */
  #along(tip: string, bases: readonly string[]): MemoryCommit[] | undefined {
    const missing = new Set(bases);
    const commits: MemoryCommit[] = [];
    for (const commit of this.line(tip)) {
      missing.delete(commit.oid);
      if (missing.size === 0) return commits;
      commits.push(commit);
    }
    return undefined;
  }

  /** Commits that are in the tip but not in every base. */
  #graph(tip: string, bases: readonly string[]): MemoryCommit[] | undefined {
    const all = this.#ancestors(tip);
    if (bases.some((base) => !all.has(base))) return undefined;
    const inBases = bases.map((base) => this.#ancestors(base));
    return [...all].filter((oid) => !inBases.every((base) => base.has(oid))).map((oid) => this.commit(oid));
  }

  #ancestors(tip: string): ReadonlySet<string> {
    const found = new Set([tip]);
    // Grows while it is walked.
    for (const oid of found) for (const parent of this.commit(oid).parents) found.add(parent);
    return found;
  }
}

/** Requests of a commit, each with its task; a commit of many heartbeats has a set of trailers for each. */
export function requestsOf(facts: CommitFacts): [request: string, task: string | undefined][] {
  const requests = valuesOf(facts, TRAILER.request);
  const tasks = valuesOf(facts, TRAILER.task);
  return requests.map((request, index) => [request, tasks[index]]);
}

function withChanges(before: QueueSnapshot, commits: readonly MemoryCommit[]): QueueSnapshot {
  const state = new QueueState(before);
  for (const { decided } of commits) {
    for (const change of decided.tasks) state.apply(change);
    for (const { entry } of decided.created ?? []) state.insert(entry);
    for (const { path, content } of decided.files) if (path === PAUSES_FILE) state.pauses = parsePauses(content ?? '');
  }
  const projects = new Map<string, ProjectSnapshot & { entries: TaskEntry[] }>();
  for (const name of state.projectNames) {
    const { locations = [] } = state.project(name) ?? {};
    const stalls = new Map(locations.flatMap((location) => [...state.stallsIn(location)]));
    const failures = new Map(locations.flatMap((location) => [...state.failuresIn(location)]));
    projects.set(name, { name, locations, entries: [], stalls, failures });
  }
  for (const entries of state.all()) {
    for (const entry of entries) projects.get(entry.key.project)?.entries.push(entry);
  }
  return { ...before, projects, pauses: state.pauses };
}
