/** Longest packet (bytes), its length included: git sends none that is longer. */
const LONGEST = 65_520;

const LENGTH_BYTES = 4;

/** Ends a list of packets. */
export const FLUSH = '0000';

/** One packet of git's protocol: some bytes, or the mark that ends a list of them. */
export type Packet = Buffer | 'flush';

/** The text as one packet. */
export function packet(text: string): string {
  return (Buffer.byteLength(text) + LENGTH_BYTES).toString(16).padStart(LENGTH_BYTES, '0') + text;
}

/**
 * Cuts a stream into packets (`pkt-line`, gitprotocol-common(5)). It holds at most one packet that is not whole, and
 * copies each byte at most once, however small the pieces are.
 */
export class PacketReader {
  #pieces: Buffer[] = [];
  #held = 0;
  /** Bytes of the packet that is being read, its length included; undefined: the length itself is not whole. */
  #length: number | undefined;
  #isGarbled = false;

  /** Whether something other than packets has come. Nothing is read any more then. */
  get isGarbled(): boolean {
    return this.#isGarbled;
  }

  /** The packets that are whole with this piece. */
  *read(piece: Buffer): Generator<Packet, void, void> {
    let rest = piece;
    while (!this.#isGarbled) {
      const needed = this.#length ?? LENGTH_BYTES;
      const missing = needed - this.#held;
      if (rest.length < missing) {
        if (rest.length > 0) this.#hold(rest);
        return;
      }
      const whole = this.#held === 0 ? rest.subarray(0, needed) : this.#release(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (this.#length === undefined) {
        const length = lengthOf(whole);
        if (length === 0) yield 'flush';
        else if (length === undefined) this.#isGarbled = true;
        else if (length === LENGTH_BYTES) yield Buffer.alloc(0);
        else {
          this.#length = length;
          this.#hold(whole);
        }
      } else {
        this.#length = undefined;
        yield whole.subarray(LENGTH_BYTES);
      }
    }
  }

  #hold(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#held += piece.length;
  }

  #release(last: Buffer): Buffer {
    const whole = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#held = 0;
    return whole;
  }
}

/** @returns 0 for a flush; undefined if it is not a length, or one of another protocol */
function lengthOf(digits: Buffer): number | undefined {
  const text = digits.toString('latin1');
  const length = /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : undefined;
  return length === 0 || (length !== undefined && length >= LENGTH_BYTES && length <= LONGEST) ? length : undefined;
}
