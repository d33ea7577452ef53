/** An object that may not be in the repository yet. */
export interface MadeObject {
  readonly oid: string;
  /** Header and content, the bytes that are hashed. */
  readonly bytes: Buffer;
}

/** Most chains to keep, and most bytes of one: a claim makes one of some kilobytes, and pushes it at once. */
const MOST_CHAINS = 4;
const MOST_BYTES = 1024 * 1024;

/** Objects that this process has made, for whoever has one of them and `base`. */
export interface MadeChain {
  /** The commit that they build on, which everything else belongs to that they refer to; undefined: they need nothing. */
  readonly base: string | undefined;
  readonly objects: readonly MadeObject[];
}

/**
 * The objects that this process has made last, by the one that refers to all others. A push of them need not read them
 * again.
 */
export class MadeObjects {
  readonly #chains = new Map<string, MadeChain>();

  note(tip: string, chain: MadeChain): void {
    const size = chain.objects.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (size > MOST_BYTES) return;
    this.#chains.set(tip, chain);
    for (const oldest of this.#chains.keys()) {
      if (this.#chains.size <= MOST_CHAINS) return;
      this.#chains.delete(oldest);
    }
  }

  get(tip: string): MadeChain | undefined {
    return this.#chains.get(tip);
  }
}
