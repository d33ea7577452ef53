import { createHash } from 'node:crypto';
import { MemoryRemote, type PushFault } from '../../../lab/model/memory-remote.ts';
import type { CommitFacts } from '../../../src/domain/past/activity.ts';
import type { PushOutcome, RefUpdate } from '../../../src/git/answers/push-outcome.ts';
import { taskText } from '../queues/queue-files.ts';

/** A commit with real files. Its id is a hash of all that is in it, as in git. */
export interface FileCommit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly facts: CommitFacts;
  readonly message: string;
}

interface About {
  readonly message: string;
  readonly author: string;
  readonly timeMs: number;
}

export const BRANCH = 'refs/heads/develop';

/** The simulated remote with commits that never change, and a test's hand on every push. */
export class FileRemote extends MemoryRemote {
  readonly commits = new Map<string, FileCommit>();
  /** Every push that was tried, in order. */
  readonly pushes: (readonly RefUpdate[])[] = [];
  /** Asked for each push, which gets the fault. */
  fault: (updates: readonly RefUpdate[]) => PushFault | undefined = () => undefined;
  /** Called right before a push takes effect: what others do in that very moment. */
  beforePush: () => void = () => undefined;
  #late: (readonly RefUpdate[])[] = [];

  constructor(files: Readonly<Record<string, string>>) {
    const bytes = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
    const first = fileCommit([], new Map(bytes), { message: 'Set up', author: 'somebody', timeMs: 0 });
    super(BRANCH, first.id);
    this.commits.set(first.id, first);
  }

  /** Ready tasks TASK-1 to TASK-n of the project `auth`. */
  static withTasks(count: number): FileRemote {
    const ids = Array.from({ length: count }, (_, index) => `TASK-${index + 1}`);
    return new FileRemote(Object.fromEntries(ids.map((id) => [`.agents/auth/tasks/${id}.toon`, taskText(id)])));
  }

  get tip(): string {
    return this.refs.get(BRANCH) ?? '';
  }

  commit(id: string): FileCommit {
    const commit = this.commits.get(id);
    if (!commit) throw new Error(`there is no commit ${id}`);
    return commit;
  }

  /** Stores a commit, on no ref. @returns its id */
  add(parents: readonly string[], files: ReadonlyMap<string, Uint8Array>, about: About): string {
    const commit = fileCommit(parents, files, about);
    this.commits.set(commit.id, commit);
    return commit.id;
  }

  /** Somebody else changes the branch. */
  othersCommit(): string {
    const { files } = this.commit(this.tip);
    const changed = new Map(files).set('news', new TextEncoder().encode(this.tip));
    const id = this.add([this.tip], changed, { message: 'Something else', author: 'somebody', timeMs: 0 });
    this.set(BRANCH, id);
    return id;
  }

  override push(updates: readonly RefUpdate[], { atomic = false } = {}): PushOutcome {
    this.pushes.push(updates);
    this.beforePush();
    const later = (): void => void this.#late.push(updates);
    return super.push(updates, { atomic, fault: this.fault(updates), later });
  }

  /** The pushes that nobody knew of arrive now; a lease that does not hold any more refuses them. */
  landLate(): void {
    for (const updates of this.#late.splice(0)) this.receive(updates);
  }

  /** All commits from the tip back, each once, newest first. */
  ancestors(tip: string): FileCommit[] {
    const found = new Map<string, FileCommit>();
    const open = [tip];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      const commit = this.commit(id);
      found.set(id, commit);
      open.push(...commit.parents);
    }
    return [...found.values()];
  }
}

function fileCommit(
  parents: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
  { message, author, timeMs }: About,
): FileCommit {
  const hash = createHash('sha1').update(JSON.stringify([parents, message, author, timeMs]));
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(path).update(bytes);
  const id = hash.digest('hex');
  const [subject = ''] = message.split('\n');
  const trailers = [...message.matchAll(/^(Agentq-[\w-]+): (.*)$/gm)].map(([, key = '', value = '']) => ({
    key,
    value,
  }));
  return { id, parents, files, facts: { oid: id, timeMs, authorName: author, subject, trailers }, message };
}
