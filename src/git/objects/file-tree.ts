import { damagedClone } from '../process/local-trouble.ts';
import { parseTree, type TreeEntry } from './tree.ts';

/** In the bytes of every tree that has a folder, and of hardly any other. */
const MODE_OF_FOLDER = '40000 ';

/** Length of the mode of a file (`100644`) and the space after it. */
const MODE_AND_SPACE = 7;

const ONE = 0x31;
const SPACE = 0x20;
/** Set in every digit, and not in a space or NUL. */
const DIGIT_BITS = 0x30;

/**
 * A folder of files in which names are found without parsing the others: of 90,000 completed tasks a claim asks for a
 * few. To note where the entries begin takes a third of the time of parsing them, and leaves no garbage; it is done
 * when the first name is asked for, since most folders are asked for none.
 */
export class FileTree {
  readonly #oid: string;
  readonly #bytes: Buffer;
  readonly #idBytes: number;
  /** Where the entries begin; or all entries by name, if they are not strictly sorted by the bytes of their names. */
  #entries: Int32Array | ReadonlyMap<string, readonly TreeEntry[]> | undefined;

  private constructor(oid: string, bytes: Buffer, idBytes: number) {
    this.#oid = oid;
    this.#bytes = bytes;
    this.#idBytes = idBytes;
  }

  /**
   * @param idBytes 20 (SHA-1) or 32 (SHA-256)
   * @returns undefined if the tree may have folders
   */
  static of(oid: string, bytes: Buffer, idBytes: number): FileTree | undefined {
    return bytes.includes(MODE_OF_FOLDER, 0, 'latin1') ? undefined : new FileTree(oid, bytes, idBytes);
  }

  /**
   * The entries of that name: at most one, unless the tree is not as git writes it.
   * @param name in ASCII
   * @throws Failure `repository-damaged` if the tree is not one
   */
  find(name: string): readonly TreeEntry[] {
    this.#entries ??= startsOf(this.#bytes, this.#idBytes) ?? byName(this.entries());
    if (!(this.#entries instanceof Int32Array)) return this.#entries.get(name) ?? [];
    const start = this.#search(name, this.#entries);
    return start === undefined ? [] : [this.#entry(name, start)];
  }

  /** Parses all of it. @throws Failure `repository-damaged` if the tree is not one */
  entries(): TreeEntry[] {
    try {
      return parseTree(this.#bytes, this.#idBytes);
    } catch {
      throw damagedClone(`tree ${this.#oid} cannot be read`);
    }
  }

  #search(name: string, starts: Int32Array): number | undefined {
    let low = 0;
    let high = starts.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const start = starts[middle] ?? 0;
      const order = this.#compare(name, start + MODE_AND_SPACE);
      if (order === 0) return start;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return undefined;
  }

  /** How the name compares with the one that begins at `at`, by bytes; the NUL at its end comes before all others. */
  #compare(name: string, at: number): number {
    for (let i = 0; i < name.length; i++) {
      const order = name.charCodeAt(i) - (this.#bytes[at + i] ?? 0);
      if (order !== 0) return order;
    }
    return -(this.#bytes[at + name.length] ?? 0);
  }

  #entry(name: string, start: number): TreeEntry {
    const end = start + MODE_AND_SPACE + name.length + 1;
    return {
      mode: this.#bytes.toString('latin1', start, start + MODE_AND_SPACE - 1),
      name,
      oid: this.#bytes.toString('hex', end, end + this.#idBytes),
    };
  }
}

/**
 * Where the entries begin. Looks at every one of them, so that no name within another name, or within an id, is taken
 * for an entry. One loop over bytes: it runs before V8 has compiled it, where a call costs most.
 * @returns undefined if the tree is cut, or not strictly sorted
 */
function startsOf(bytes: Buffer, idBytes: number): Int32Array | undefined {
  const starts = new Int32Array(Math.ceil(bytes.length / (MODE_AND_SPACE + 1 + idBytes)));
  let count = 0;
  let before = -1;
  for (let at = 0; at < bytes.length; ) {
    if (!hasModeOfFile(bytes, at)) return undefined;
    const name = at + MODE_AND_SPACE;
    let end = name;
    if (before >= 0) {
      let same = before;
      while (bytes[end] !== 0 && bytes[end] === bytes[same]) {
        end++;
        same++;
      }
      if ((bytes[end] ?? 0) <= (bytes[same] ?? 0)) return undefined;
    }
    while (end < bytes.length && bytes[end] !== 0) end++;
    starts[count++] = at;
    before = name;
    at = end + 1 + idBytes;
    if (at > bytes.length) return undefined;
  }
  return starts.subarray(0, count);
}

/** Six characters that begin with 1, and then the first space: a folder's mode (`40000`) is shorter. */
function hasModeOfFile(bytes: Buffer, at: number): boolean {
  const rest =
    (bytes[at + 1] ?? 0) & (bytes[at + 2] ?? 0) & (bytes[at + 3] ?? 0) & (bytes[at + 4] ?? 0) & (bytes[at + 5] ?? 0);
  return bytes[at] === ONE && (rest & DIGIT_BITS) === DIGIT_BITS && bytes[at + MODE_AND_SPACE - 1] === SPACE;
}

function byName(entries: readonly TreeEntry[]): Map<string, TreeEntry[]> {
  const names = new Map<string, TreeEntry[]>();
  for (const entry of entries) {
    const known = names.get(entry.name);
    if (known) known.push(entry);
    else names.set(entry.name, [entry]);
  }
  return names;
}
