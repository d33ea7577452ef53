import type { PushFault } from '../../../lab/model/memory-remote.ts';
import { SETTINGS_FILE } from '../../../src/domain/base/settings-file.ts';
import { Ownership } from '../../../src/domain/branches/ownership.ts';
import { Pushed } from '../../../src/engine/base/pushed.ts';
import type { Landing } from '../../../src/engine/merging/landing.ts';
import { type Merged, mergeBranches } from '../../../src/engine/merging/merge.ts';
import { type Moved, moveProject } from '../../../src/engine/merging/move.ts';
import { parseSettings, poolSettings } from '../../../src/store/reading/settings.ts';
import { FileBranchStore } from '../remotes/file-branch-store.ts';
import { FileRemote } from '../remotes/file-remote.ts';
import { FileStore } from '../remotes/file-store.ts';
import { testEngine } from './test-engine.ts';

export const MAIN = 'develop';

/** A folder of a project, as the layout `agents` has it. */
export type Folder = 'tasks' | 'claimed' | 'completed';

/** A task file somewhere. */
export interface Placed {
  readonly folder: Folder;
  readonly text: string;
}

/** Branches of a queue on a simulated remote, what people and agents do there, and what must be true of it. */
export class BranchWorld {
  readonly remote: FileRemote;
  readonly #store: FileBranchStore;
  /** What happens to the pushes of the next merge or move, the first one first. */
  faults: (PushFault | undefined)[] = [];
  /** Whether the server can push several refs at once. */
  atomic = true;
  /** Done right before each push takes effect: what others do in that very moment. */
  meanwhile: (() => void)[] = [];

  constructor(files: Readonly<Record<string, string>>) {
    this.remote = new FileRemote(files);
    this.#store = new FileBranchStore(this.remote);
    this.remote.fault = () => this.faults.shift();
    this.remote.beforePush = () => this.meanwhile.shift()?.();
  }

  get ownership(): Ownership {
    const text = this.read(MAIN, SETTINGS_FILE) ?? '';
    return new Ownership(MAIN, poolSettings(parseSettings(text, SETTINGS_FILE)));
  }

  tip(branch: string): string | undefined {
    return this.remote.refs.get(`refs/heads/${branch}`);
  }

  get branches(): string[] {
    return [...this.remote.refs.keys()].map((ref) => ref.replace('refs/heads/', ''));
  }

  read(branch: string, path: string): string | undefined {
    const tip = this.tip(branch);
    const bytes = tip === undefined ? undefined : this.remote.commit(tip).files.get(path);
    return bytes && new TextDecoder().decode(bytes);
  }

  /** Somebody commits to a branch. @param files undefined deletes the file */
  commit(branch: string, files: Readonly<Record<string, string | undefined>>): void {
    const tip = this.tip(branch) ?? '';
    const changed = new Map(this.remote.commit(tip).files);
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) changed.delete(path);
      else changed.set(path, new TextEncoder().encode(text));
    }
    const message = `Commit ${this.remote.commits.size}`;
    this.remote.set(
      `refs/heads/${branch}`,
      this.remote.add([tip], changed, { message, author: 'somebody', timeMs: 0 }),
    );
  }

  /** Moves a task file and adds a line to it, on one branch. */
  move(branch: string, project: string, id: string, to: Folder, line: string): Placed {
    const [found] = this.find(branch, project, id);
    if (found === undefined) throw new Error(`no ${project}/${id} on ${branch}`);
    const text = `${found.text}${line}\n`;
    this.commit(branch, { [pathOf(project, id, found.folder)]: undefined, [pathOf(project, id, to)]: text });
    return { folder: to, text };
  }

  /** Every file of the task on the branch. */
  find(branch: string, project: string, id: string): Placed[] {
    return (['tasks', 'claimed', 'completed'] as const).flatMap((folder) => {
      const text = this.read(branch, pathOf(project, id, folder));
      return text === undefined ? [] : [{ folder, text }];
    });
  }

  /** Ids of the project's tasks in a folder of a branch. */
  ids(branch: string, project: string, folder: Folder): string[] {
    const tip = this.tip(branch);
    if (tip === undefined) return [];
    const start = pathOf(project, '', folder).replace('.toon', '');
    const paths = [...this.remote.commit(tip).files.keys()].filter((path) => path.startsWith(start));
    return paths.map((path) => path.slice(start.length).replace('.toon', ''));
  }

  /** What `git merge <branch>` does on the main branch, file by file. Somebody who meets a conflict gives up. */
  async mergeByHand(branch: string): Promise<void> {
    const [ours, theirs] = [this.tip(MAIN) ?? '', this.tip(branch) ?? ''];
    if (await this.#store.contains(ours, theirs)) return;
    const isForward = await this.#store.contains(theirs, ours);
    const merged = await this.#store.merge(ours, theirs);
    if (!isForward && merged.kind !== 'merged') return;
    const about = { message: `By hand ${this.remote.commits.size}`, author: 'somebody', timeMs: 0 };
    const files = merged.kind === 'merged' ? this.#store.filesOf(merged.tree) : new Map();
    this.remote.set(`refs/heads/${MAIN}`, isForward ? theirs : this.remote.add([ours, theirs], files, about));
  }

  merge(branches: readonly string[] = [], maxRetries = 8): Promise<Merged> {
    return this.#told((pushed) =>
      mergeBranches(this.#landing(maxRetries, pushed), { main: MAIN, branches, doing: 'merge' }),
    );
  }

  place(project: string, to: string, maxRetries = 8): Promise<Moved> {
    return this.#told((pushed) =>
      moveProject(this.#landing(maxRetries, pushed), { main: MAIN, project, to, doing: 'move' }),
    );
  }

  /** As the queue does it: a failure says what was pushed. */
  async #told<T>(work: (pushed: Pushed) => Promise<T>): Promise<T> {
    const pushed = new Pushed();
    try {
      return await work(pushed);
    } catch (error) {
      throw pushed.told(error);
    }
  }

  #landing(maxRetries: number, pushed: Pushed): Landing {
    const store = new FileStore(this.remote);
    const push: FileStore['push'] = async (updates, options) => {
      if (this.atomic || options?.atomic !== true) return this.remote.push(updates, options);
      return { kind: 'refused', reason: 'no-atomic', words: 'the receiving end does not support --atomic push' };
    };
    store.push = push;
    return {
      engine: testEngine(store, { maxRetries }),
      store: this.#store,
      pushed,
      abilities: { canPushAtomically: async () => this.atomic, rememberNoAtomic: async () => undefined },
    };
  }
}

/** Where a task file is. */
export function pathOf(project: string, id: string, folder: Folder): string {
  return `.agents/${project}/${folder}/${id}.toon`;
}
