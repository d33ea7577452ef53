import type { TreeEntry } from './objects.ts';

/**
 * Parses a raw tree object: `mode SP name NUL id`, again and again.
 * @param idBytes 20 (SHA-1) or 32 (SHA-256).
 */
export function parseTree(bytes: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0x00, space);
    const next = end + 1 + idBytes;
    if (space < 0 || end < 0 || next > bytes.length) throw new RangeError('truncated tree object');
    entries.push({
      mode: bytes.toString('latin1', at, space),
      name: bytes.toString('utf8', space + 1, end),
      oid: bytes.toString('hex', end + 1, next),
    });
    at = next;
  }
  return entries;
}
