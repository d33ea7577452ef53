import { createHash } from 'node:crypto';
import { MemoryBlobs } from '../../../lab/model/memory-blobs.ts';
import type { CommitFacts } from '../../../src/domain/past/activity.ts';
import type { PushOutcome, RefUpdate } from '../../../src/git/answers/push-outcome.ts';
import { taskText } from '../queues/queue-files.ts';

/** A commit of the simulated remote. Its id is a hash of all that is in it, as in git. */
export interface MemoryCommit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly facts: CommitFacts;
  readonly message: string;
}

/** What goes wrong with a push. */
export type PushFault =
  /** Lands, and the answer says so or not: only the look-up can tell. */
  | 'landed-unknown'
  | 'landed-transient'
  /** Does not land, and nobody knows. */
  | 'lost-unknown'
  | 'lost-transient'
  /** Nobody knows; it lands later, if the lease still holds then. */
  | 'late'
  | 'rejected'
  | 'locked'
  | 'refused';

export const BRANCH = 'refs/heads/develop';

/** A git server as far as the engine sees one: refs with compare-and-swap, and commits that never change. */
export class MemoryRemote {
  readonly refs = new Map<string, string>();
  readonly commits = new Map<string, MemoryCommit>();
  readonly blobs = new MemoryBlobs();
  /** Every push that was tried, in order. */
  readonly pushes: (readonly RefUpdate[])[] = [];
  /** Asked for each push, which gets the fault. */
  fault: (updates: readonly RefUpdate[]) => PushFault | undefined = () => undefined;
  /** Called right before a push takes effect: what others do in that very moment. */
  beforePush: () => void = () => undefined;
  #late: (readonly RefUpdate[])[] = [];

  constructor(files: Readonly<Record<string, string>>) {
    const bytes = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
    this.refs.set(BRANCH, this.add([], new Map(bytes), { message: 'Set up', author: 'somebody', timeMs: 0 }));
  }

  /** Ready tasks TASK-1 to TASK-n of the project `auth`. */
  static withTasks(count: number): MemoryRemote {
    const ids = Array.from({ length: count }, (_, index) => `TASK-${index + 1}`);
    return new MemoryRemote(Object.fromEntries(ids.map((id) => [`.agents/auth/tasks/${id}.toon`, taskText(id)])));
  }

  get tip(): string {
    return this.refs.get(BRANCH) ?? '';
  }

  commit(id: string): MemoryCommit {
    const commit = this.commits.get(id);
    if (!commit) throw new Error(`there is no commit ${id}`);
    return commit;
  }

  /** Stores a commit, on no ref. @returns its id */
  add(
    parents: readonly string[],
    files: ReadonlyMap<string, Uint8Array>,
    about: { readonly message: string; readonly author: string; readonly timeMs: number },
  ): string {
    const { message, author, timeMs } = about;
    const hash = createHash('sha1').update(JSON.stringify([parents, message, author, timeMs]));
    for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(path).update(bytes);
    const id = hash.digest('hex');
    const [subject = ''] = message.split('\n');
    const trailers = [...message.matchAll(/^(Agentq-[\w-]+): (.*)$/gm)].map(([, key = '', value = '']) => ({
      key,
      value,
    }));
    const facts = { oid: id, timeMs, authorName: author, subject, trailers };
    this.commits.set(id, { id, parents, files, facts, message });
    return id;
  }

  /** Somebody else changes the branch. */
  othersCommit(): string {
    const { files } = this.commit(this.tip);
    const changed = new Map(files).set('news', new TextEncoder().encode(this.tip));
    const id = this.add([this.tip], changed, { message: 'Something else', author: 'somebody', timeMs: 0 });
    this.refs.set(BRANCH, id);
    return id;
  }

  push(updates: readonly RefUpdate[], atomic: boolean): PushOutcome {
    this.pushes.push(updates);
    this.beforePush();
    switch (this.fault(updates)) {
      case undefined:
        return this.#land(updates, atomic);
      case 'landed-unknown':
        this.#land(updates, atomic);
        return { kind: 'unknown', words: 'unexpected disconnect' };
      case 'landed-transient':
        this.#land(updates, atomic);
        return { kind: 'transient', words: 'Connection reset by peer' };
      case 'lost-unknown':
        return { kind: 'unknown', words: 'unexpected disconnect' };
      case 'lost-transient':
        return { kind: 'transient', words: 'Could not resolve host' };
      case 'late':
        this.#late.push(updates);
        return { kind: 'unknown', words: 'unexpected disconnect' };
      case 'rejected':
        return { kind: 'rejected', words: 'stale info' };
      case 'locked':
        return { kind: 'locked', words: "Unable to create 'develop.lock': File exists" };
      case 'refused':
        return { kind: 'refused', reason: 'declined', words: 'pre-receive hook declined' };
    }
  }

  /** The pushes that nobody knew of arrive now; a lease that does not hold any more refuses them. */
  landLate(): void {
    for (const updates of this.#late.splice(0)) this.#land(updates, false);
  }

  /** All commits from the tip back, each once, newest first. */
  ancestors(tip: string): MemoryCommit[] {
    const found = new Map<string, MemoryCommit>();
    const open = [tip];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      const commit = this.commit(id);
      found.set(id, commit);
      open.push(...commit.parents);
    }
    return [...found.values()];
  }

  #land(updates: readonly RefUpdate[], atomic: boolean): PushOutcome {
    const holds = ({ ref, expected }: RefUpdate): boolean => this.refs.get(ref) === expected;
    // As git: a ref that has the value already is not written, and nobody learns who wrote it.
    const isUpToDate = updates.some(({ ref, to }) => to !== undefined && this.refs.get(ref) === to);
    if (isUpToDate) return { kind: 'unknown', words: 'up to date' };
    const failed = updates.filter((update) => !holds(update));
    if (atomic && failed.length > 0) return { kind: 'rejected', words: 'atomic push failed' };
    for (const { ref, to } of updates.filter(holds)) {
      if (to === undefined) this.refs.delete(ref);
      else this.refs.set(ref, to);
    }
    if (failed.length === 0) return { kind: 'landed' };
    // Some were written and some were not: as in git's report, that counts as unknown.
    return failed.length < updates.length
      ? { kind: 'unknown', words: 'partly' }
      : { kind: 'rejected', words: 'stale info' };
  }
}
