/** An entry of a folder. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symbolic link), `40000` (folder), `160000` (submodule). */
  readonly mode: string;
  /** Decoded as UTF-8; invalid bytes become U+FFFD, which no name in a queue has. */
  readonly name: string;
  readonly oid: string;
}

/** The entries of a tree object, with names decoded. See {@link parseRawTree}. */
export function parseTree(bytes: Buffer, idBytes: number): TreeEntry[] {
  return parseRawTree(bytes, idBytes).map((entry) =>
    BEYOND_ASCII.test(entry.name) ? { ...entry, name: Buffer.from(entry.name, 'latin1').toString('utf8') } : entry,
  );
}

/**
 * Parses a raw tree object: `mode SP name NUL id`, repeated. Each byte of a name becomes one character, so that none is
 * lost.
 *
 * The whole tree is converted to text, and names and ids are cut out of it: one `toString` per entry takes two to three
 * times as long, and a folder may have 100,000 files.
 * @param idBytes 20 (SHA-1) or 32 (SHA-256)
 */
export function parseRawTree(bytes: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const text = bytes.toString('latin1');
  const hex = bytes.toString('hex');
  let at = 0;
  while (at < bytes.length) {
    const space = text.indexOf(' ', at);
    const end = text.indexOf('\0', space);
    const next = end + 1 + idBytes;
    if (space < 0 || end < 0 || next > bytes.length) throw new RangeError('truncated tree object');
    entries.push({
      mode: text.slice(at, space),
      name: text.slice(space + 1, end),
      oid: hex.slice(2 * (end + 1), 2 * next),
    });
    at = next;
  }
  return entries;
}

const BEYOND_ASCII = /[\u0080-\u00ff]/;
