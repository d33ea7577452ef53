import { Failure } from '../../domain/base/failure.ts';
import { Ownership } from '../../domain/branches/ownership.ts';
import type { BranchMemory, KnownBranches } from '../../store/branch-memory.ts';

/**
 * What is known of the branches of a queue: which projects live on which, and at which tip of the main branch the
 * settings said so. All parts of one open queue share it.
 */
export class BranchMap {
  readonly main: string;
  readonly #memory: BranchMemory | undefined;
  #known: KnownBranches | undefined;

  /** @param memory what the clone remembers; undefined: nothing */
  constructor(main: string, memory: BranchMemory | undefined) {
    this.main = main;
    this.#memory = memory;
    this.#known = memory?.read();
  }

  /** Undefined: nothing says that there is more than one branch. */
  get known(): KnownBranches | undefined {
    return this.#known;
  }

  get ownership(): Ownership {
    return this.#known?.ownership ?? new Ownership(this.main, { branches: new Map() });
  }

  /** The other branches, as far as they are known: a look shows them along with the main one. */
  get others(): readonly string[] {
    return this.ownership.branches.slice(1);
  }

  /** Takes in what the settings say at a tip of the main branch. */
  learn(tip: string, ownership: Ownership): void {
    if (this.#known === undefined && ownership.isSingle) return;
    const isNews = this.#known?.tip !== tip || !this.#known.ownership.equals(ownership);
    this.#known = { tip, ownership };
    if (isNews) this.#memory?.write(this.#known);
  }
}

/** Whether an intent was refused since it must not be decided on one branch alone. */
export function concernsOthers(error: unknown): boolean {
  return error instanceof Failure && error.code === 'other-branch';
}
