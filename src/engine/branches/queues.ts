import type { GitSide } from '../open/git-side.ts';
import { openBeside } from '../open/open-queue.ts';
import type { OpenedQueue } from '../open/opened-queue.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import { SeenLooks } from '../waiting/seen-looks.ts';
import type { BranchMap } from './branch-map.ts';
import { type Branches, refOf } from './reading.ts';
import { watchingMain } from './watching-main.ts';

/**
 * The queues of all branches, each opened when it is first needed. Those other than the main one share its git
 * processes.
 */
export class BranchQueues implements Branches {
  readonly map: BranchMap;
  readonly options: OpenQueueOptions;
  readonly seen = new SeenLooks();
  readonly #main: OpenedQueue;
  readonly #others = new Map<string, OpenedQueue>();

  constructor(main: OpenedQueue, map: BranchMap) {
    this.#main = main;
    this.map = map;
    this.options = main.parts.options;
  }

  get opened(): readonly OpenedQueue[] {
    return [this.#main, ...this.#others.values()];
  }

  of(branch: string): OpenedQueue {
    const { map } = this;
    if (branch === map.main) return this.#main;
    const known = this.#others.get(branch);
    if (known !== undefined) return known;
    const opened = openBeside(this.#main, {
      branch,
      ownership: () => map.ownership,
      watching: (upstream) => watchingMain(upstream, refOf(map.main), (tip) => this.#learnAt(tip)),
    });
    this.#others.set(branch, opened);
    return opened;
  }

  side(branch: string): Promise<GitSide> {
    return this.of(branch).parts.git.open(branch === this.map.main ? 'read' : 'other');
  }

  /** The main one last: the others use its git processes. */
  async close(interrupt: AbortSignal | undefined): Promise<void> {
    await Promise.all([...this.#others.values()].map((queue) => queue.close(interrupt)));
    await this.#main.close(interrupt);
  }

  async #learnAt(tip: string): Promise<void> {
    if (this.map.known?.tip === tip) return;
    const { parts } = await this.#main.parts.git.open();
    this.map.learn(tip, await parts.store.ownershipAt(tip));
  }
}
