import type { QueueSnapshot } from '../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../src/domain/queue/task.ts';
import type { PushOutcome, RefUpdate } from '../../src/git/answers/push-outcome.ts';
import { FIRST, type LookBack, type MemoryCommit, MemoryHistory, requestsOf } from './memory-history.ts';
import { MemoryRemote, type PushFault } from './memory-remote.ts';

/** The remote of the model: it counts what is pushed, and checks every commit that lands. */
export class ModelRemote {
  readonly server: MemoryRemote;
  readonly history: MemoryHistory;
  /** As the server counts them. */
  readonly pushes = { started: 0, landed: 0, moves: 0 };
  /** Broken guarantees, in words. */
  readonly violations: string[] = [];
  /** Every claim on the branch, in order. */
  readonly claims: { readonly task: string; readonly agent: string }[] = [];
  commits = 0;
  completions = 0;
  readonly lookBack: LookBack;
  readonly #paths = new Map<string, string>();
  readonly #requests = new Map<string, string>();

  constructor(branch: string, first: QueueSnapshot, lookBack: LookBack = 'all parents') {
    this.history = new MemoryHistory(first);
    this.server = new MemoryRemote(`refs/heads/${branch}`, FIRST, { onSet: (ref, to) => this.#onSet(ref, to) });
    this.lookBack = lookBack;
    for (const project of first.projects.values()) {
      for (const { key, path } of project.entries) this.#paths.set(formatKey(key), path);
    }
  }

  get tip(): string {
    return this.server.refs.get(this.server.branchRef) ?? FIRST;
  }

  push(updates: readonly RefUpdate[], atomic: boolean, fault: PushFault | undefined): PushOutcome {
    if (fault !== 'never-arrived') this.pushes.started++;
    const isWhole = fault !== 'half-branch' && fault !== 'half-others';
    const before = this.tip;
    const onReceived = ({ kind }: PushOutcome): void => {
      if (kind === 'landed' && isWhole) this.pushes.landed++;
    };
    const outcome = this.server.push(updates, { atomic, fault, onReceived });
    if (this.tip !== before) this.pushes.moves++;
    return outcome;
  }

  /**
   * Somebody who does not know agentq merges the branch into work of their own that began at `from`, and pushes the
   * merge. The old tip of the branch is its second parent.
   */
  mergeByHand(from: string, timeMs: number): void {
    const decided = { subject: 'Write the readme', trailers: [], author: 'human', tasks: [], files: [] };
    const work = this.history.add({ parents: [from], treeOf: from, decided, timeMs });
    const merge = { ...decided, subject: "Merge branch 'develop'" };
    const to = this.history.add({ parents: [work, this.tip], treeOf: this.tip, decided: merge, timeMs });
    this.server.set(this.server.branchRef, to);
  }

  #onSet(ref: string, to: string | undefined): void {
    if (ref !== this.server.branchRef || to === undefined) return;
    for (const commit of this.history.land(to)) this.#check(commit);
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
