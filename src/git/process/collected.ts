/** Most bytes of what git prints beside its answer that are kept: half from the beginning, half from the end. */
const MOST_WORDS = 256 * 1024;

/**
 * What a process prints for people, in bounded memory: a server that prints gigabytes during a push costs a quarter of a
 * megabyte. The beginning and the end are kept, since what went wrong is at one of them.
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
    // Twice as much before it is cut, so that small chunks are not copied again and again.
    if (this.#tailBytes <= 2 * this.#half) return;
    this.#tail = [Buffer.from(Buffer.concat(this.#tail).subarray(-this.#half))];
    this.#tailBytes = this.#half;
    this.#dropped = true;
  }

  /** Bytes that are held now. */
  get size(): number {
    return this.#headBytes + this.#tailBytes;
  }

  /** As UTF-8; where something was left out, a line says so. */
  text(): string {
    const gap = this.#dropped ? [Buffer.from('\n...\n')] : [];
    return Buffer.concat([...this.#head, ...gap, ...this.#tail]).toString('utf8');
  }
}

/** What a process gives as its answer, up to a limit; what comes after it is not kept. */
export class Answer {
  readonly #most: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  /** @param most bytes */
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

  /** Whether there was more than is kept. */
  get isCut(): boolean {
    return this.#isCut;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
