import { createHash } from 'node:crypto';
import type { MadeObject } from '../repository/made-objects.ts';
import { compressed } from './loose-objects.ts';

/** Types of objects in a pack (gitformat-pack(5)). */
const TYPES: ReadonlyMap<string, number> = new Map([
  ['commit', 1],
  ['tree', 2],
  ['blob', 3],
]);

const VERSION = 2;

/** The objects as a pack of SHA-1, each as a whole. An object that is given twice is packed once. */
export async function packOf(objects: readonly MadeObject[]): Promise<Buffer> {
  const each = new Map(objects.map((object) => [object.oid, object]));
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(VERSION, 4);
  header.writeUInt32BE(each.size, 8);
  const pieces: Uint8Array[] = [header];
  for (const { bytes } of each.values()) {
    const end = bytes.indexOf(0);
    const [type = ''] = bytes.toString('latin1', 0, end).split(' ', 1);
    const content = bytes.subarray(end + 1);
    pieces.push(entryHeader(TYPES.get(type) ?? 0, content.length), await compressed(content));
  }
  const hash = createHash('sha1');
  for (const piece of pieces) hash.update(piece);
  return Buffer.concat([...pieces, hash.digest()]);
}

/** Type and size: four bits of the size with the type, then seven in each byte, the lowest first. */
function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 0x0f)];
  // Not by shifts, which know 32 bits only.
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.from(bytes);
}
