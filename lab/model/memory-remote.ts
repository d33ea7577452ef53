import type { QueueSnapshot } from '../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../src/domain/queue/task.ts';
import type { PushOutcome, RefUpdate } from '../../src/git/answers/push-outcome.ts';
import { MemoryBlobs } from './memory-blobs.ts';
import { FIRST, type LookBack, type MemoryCommit, MemoryHistory, requestsOf } from './memory-history.ts';

/** What may go wrong with a push, beside a lost race. */
export type PushFault =
  /** The push is carried out, but nobody is told. */
  | 'answer-lost'
  /** The server is killed during an atomic push: the branch is moved, nothing else is done, nobody is told. */
  | 'half-done'
  /** The same, but everything except the branch is done. Git goes by name: `refs/agentq` comes before `refs/heads`. */
  | 'branch-left-out'
  /** The push never arrives. */
  | 'unreachable';

/** The refs of a remote in memory, each changed by compare-and-swap. It checks every commit that lands. */
export class MemoryRemote {
  readonly branchRef: string;
  readonly history: MemoryHistory;
  readonly refs = new Map<string, string>();
  /** As the server counts them. */
  readonly pushes = { started: 0, landed: 0, moves: 0 };
  /** Broken guarantees, in words. */
  readonly violations: string[] = [];
  /** Every claim on the branch, in order. */
  readonly claims: { readonly task: string; readonly agent: string }[] = [];
  commits = 0;
  completions = 0;
  readonly lookBack: LookBack;
  readonly blobs = new MemoryBlobs();
  readonly #paths = new Map<string, string>();
  readonly #requests = new Map<string, string>();

  constructor(branch: string, first: QueueSnapshot, lookBack: LookBack = 'all parents') {
    this.branchRef = `refs/heads/${branch}`;
    this.history = new MemoryHistory(first);
    this.lookBack = lookBack;
    this.refs.set(this.branchRef, FIRST);
    for (const project of first.projects.values()) {
      for (const { key, path } of project.entries) this.#paths.set(formatKey(key), path);
    }
  }

  get tip(): string {
    return this.refs.get(this.branchRef) ?? FIRST;
  }

  /** Carries a push out, or the part of it that a fault leaves. */
  push(updates: readonly RefUpdate[], isAtomic: boolean, fault: PushFault | undefined): PushOutcome {
    if (fault === 'unreachable') return { kind: 'transient', words: 'connection refused' };
    this.pushes.started++;
    const lost = updates.filter(({ ref, expected }) => this.refs.get(ref) !== expected);
    const wanted = isAtomic && lost.length > 0 ? [] : updates.filter((update) => !lost.includes(update));
    const isHalf = fault === 'half-done' || fault === 'branch-left-out';
    const done = isHalf ? wanted.filter(({ ref }) => (ref === this.branchRef) === (fault === 'half-done')) : wanted;
    for (const { ref, to } of done) this.#set(ref, to);
    if (lost.length === 0 && !isHalf) this.pushes.landed++;
    if (done.some(({ ref }) => ref === this.branchRef)) this.pushes.moves++;
    if (fault !== undefined) return { kind: 'unknown', words: 'the connection was closed' };
    return lost.length === 0 ? { kind: 'landed' } : { kind: 'rejected', words: '(stale info)' };
  }

  /**
   * Somebody who does not know agentq merges the branch into work of their own that began at `from`, and pushes the
   * merge. The old tip of the branch is its second parent.
   */
  mergeByHand(from: string, timeMs: number): void {
    const decided = { subject: 'Write the readme', trailers: [], author: 'human', tasks: [], files: [] };
    const work = this.history.add({ parents: [from], treeOf: from, decided: decided, timeMs });
    const merge = { ...decided, subject: "Merge branch 'develop'" };
    this.#set(
      this.branchRef,
      this.history.add({ parents: [work, this.tip], treeOf: this.tip, decided: merge, timeMs }),
    );
  }

  #set(ref: string, to: string | undefined): void {
    if (to === undefined) this.refs.delete(ref);
    else this.refs.set(ref, to);
    if (ref === this.branchRef && to !== undefined) for (const commit of this.history.land(to)) this.#check(commit);
  }

  /** Checks that no task is lost or doubled, and that nothing is carried out twice. */
  #check(commit: MemoryCommit): void {
    this.commits++;
    const { decided } = commit;
    const where = `commit ${commit.oid.slice(-6)} (${decided.subject})`;
    for (const change of decided.tasks) {
      const name = formatKey(change.key);
      const path = this.#paths.get(name);
      if (path !== change.fromPath) this.violations.push(`${where}: ${name} was at ${path}, not at ${change.fromPath}`);
      this.#paths.set(name, change.toPath);
      if (change.from === 'ready' && change.to === 'claimed') this.claims.push({ task: name, agent: decided.author });
      if (change.to === 'completed') this.completions++;
    }
    for (const [request] of requestsOf(this.history.facts(commit))) {
      const before = this.#requests.get(request);
      if (before !== undefined)
        this.violations.push(`${where}: request ${request} was carried out before, by ${before}`);
      this.#requests.set(request, where);
    }
  }
}
