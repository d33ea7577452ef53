import { FLUSH, PacketReader, packet } from './packets.ts';

/** Most bytes of a list: some two hundred thousand refs. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Separates the command from its arguments. */
const DELIMITER = '0001';

/** Asks `git upload-pack` for the refs whose names begin so, by protocol 2 (gitprotocol-v2(5)). */
export function askForRefs(prefixes: readonly string[]): string {
  const command = ['command=ls-refs\n', 'object-format=sha1'].map(packet).join('');
  return `${command}${DELIMITER}${prefixes.map((prefix) => packet(`ref-prefix ${prefix}\n`)).join('')}${FLUSH}`;
}

/** Reads what `git upload-pack` answers: what it can do, and then the refs. Ids are SHA-1. */
export class RefListReader {
  readonly #packets = new PacketReader();
  readonly #refs = new Map<string, string>();
  #part: 'version' | 'capabilities' | 'refs' = 'version';
  #bytes = 0;

  /** What to do with the next piece. */
  take(piece: Buffer): 'more' | 'whole' | 'full' {
    this.#bytes += piece.length;
    if (this.#bytes > MOST_BYTES) return 'full';
    for (const packet of this.#packets.read(piece)) {
      const line = packet === 'flush' ? undefined : packet.toString('utf8').replace(/\n$/, '');
      if (this.#part === 'refs') {
        if (line === undefined) return 'whole';
        const [, oid, ref] = /^([0-9a-f]{40}) ([^\s\uFFFD]+)$/.exec(line) ?? [];
        if (oid === undefined || ref === undefined) return 'full';
        this.#refs.set(ref, oid);
      } else if (this.#part === 'version') {
        if (line !== 'version 2') return 'full';
        this.#part = 'capabilities';
      } else if (line === undefined) this.#part = 'refs';
    }
    return this.#packets.isGarbled ? 'full' : 'more';
  }

  /** The refs in the list, once it is whole. */
  refs(): ReadonlyMap<string, string> {
    return this.#refs;
  }
}
