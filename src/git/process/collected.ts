/** Most bytes of git's stderr to keep: half from the beginning, half from the end. */
const MOST_WORDS = 256 * 1024;

/**
 * Collects what a process prints for people, in bounded memory: a server that prints gigabytes during a push costs a
 * quarter of a megabyte. It keeps the beginning and the end, since one of them says what went wrong.
 */
export class Words {
  readonly #half: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #dropped = false;

  constructor(most = MOST_WORDS) {
    this.#half = Math.ceil(most / 2);
  }

  add(chunk: Buffer): void {
    const room = this.#half - this.#headBytes;
    if (room > 0) {
      this.#head.push(chunk.subarray(0, room));
      this.#headBytes += Math.min(room, chunk.length);
    }
    if (chunk.length <= room) return;
    const rest = room > 0 ? chunk.subarray(room) : chunk;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    // Cut only at twice the size, so that small chunks are not copied again and again.
    if (this.#tailBytes <= 2 * this.#half) return;
    this.#tail = [Buffer.from(Buffer.concat(this.#tail).subarray(-this.#half))];
    this.#tailBytes = this.#half;
    this.#dropped = true;
  }

  /** Number of bytes held now. */
  get size(): number {
    return this.#headBytes + this.#tailBytes;
  }

  /** The text as UTF-8; a line marks what was left out. */
  text(): string {
    const gap = this.#dropped ? [Buffer.from('\n...\n')] : [];
    return Buffer.concat([...this.#head, ...gap, ...this.#tail]).toString('utf8');
  }
}

/** Collects the answer of a process, up to a limit; the rest is not kept. */
export class Answer {
  readonly #most: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  /** @param most limit in bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns whether there is room for more */
  add(chunk: Buffer): boolean {
    const room = this.#most - this.#bytes;
    if (chunk.length > room) this.#isCut = true;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(kept);
    this.#bytes += kept.length;
    return !this.#isCut;
  }

  /** Whether the process printed more than is kept. */
  get isCut(): boolean {
    return this.#isCut;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
