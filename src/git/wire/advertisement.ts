import { PacketReader } from './packets.ts';

/** Most bytes of an advertisement: some two hundred thousand refs. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Stands where a ref would be if there is none. */
const NO_REFS = 'capabilities^{}';

/** A ref that the server has elsewhere, so that its objects need not be sent. */
const ELSEWHERE = '.have';

/** What a server says about itself before it takes a push (gitprotocol-pack(5)). */
export interface Advertised {
  /** Object ids by full name. */
  readonly refs: ReadonlyMap<string, string>;
  /** Capabilities; those with a value as `name=value`. */
  readonly capabilities: ReadonlySet<string>;
}

/**
 * Reads the advertisement of `git receive-pack`, in protocol 0 or 1. Ids are SHA-1.
 */
export class AdvertisementReader {
  readonly #packets = new PacketReader();
  readonly #refs = new Map<string, string>();
  #capabilities: ReadonlySet<string> | undefined;
  #bytes = 0;
  #isUnusual = false;

  /** What to do with the next piece. */
  take(piece: Buffer): 'more' | 'whole' | 'full' {
    this.#bytes += piece.length;
    if (this.#bytes > MOST_BYTES) return 'full';
    for (const packet of this.#packets.read(piece)) {
      if (packet === 'flush') return 'whole';
      this.#note(packet.toString('utf8').replace(/\n$/, ''));
    }
    // Nothing is understood any more.
    return this.#packets.isGarbled ? 'full' : 'more';
  }

  /**
   * What was read; undefined if it is not what this class knows: of another protocol or hash, or of a shallow server.
   */
  result(): Advertised | undefined {
    if (this.#isUnusual || this.#capabilities === undefined) return undefined;
    return { refs: this.#refs, capabilities: this.#capabilities };
  }

  #note(line: string): void {
    if (this.#capabilities === undefined) {
      if (line === 'version 1') return;
      const end = line.indexOf('\0');
      this.#capabilities = new Set(end < 0 ? [] : line.slice(end + 1).split(' '));
      this.#noteRef(end < 0 ? line : line.slice(0, end));
    } else this.#noteRef(line);
  }

  #noteRef(line: string): void {
    const [, oid, ref] = /^([0-9a-f]{40}) ([^\s\uFFFD]+)$/.exec(line) ?? [];
    if (oid === undefined || ref === undefined) this.#isUnusual = true;
    else if (ref !== NO_REFS && ref !== ELSEWHERE) this.#refs.set(ref, oid);
  }
}
