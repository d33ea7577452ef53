/** Most bytes in one stored block (RFC 1951, 3.2.4). */
const BLOCK_BYTES = 0xffff;

/** Largest prime below 2^16 (RFC 1950, 8.2). */
const ADLER_BASE = 65_521;

/**
 * After how many bytes the sums are reduced. `b` then stays below 2^31, which V8 adds as whole numbers: four times as
 * fast as a division per byte.
 */
const ADLER_RUN = 3_800;

/**
 * The bytes as a zlib stream (RFC 1950) of stored blocks, as `deflate` gives at level 0, but without loading zlib.
 * Anything that inflates can read it.
 */
export function storedZlib(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK_BYTES));
  const stream = Buffer.allocUnsafe(2 + blocks * 5 + bytes.length + 4);
  // Window of 32 KiB, fastest level; the low bits make the two bytes a multiple of 31.
  let at = stream.writeUInt16BE(0x7801, 0);
  for (let block = 0; block < blocks; block++) {
    const part = bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    at = stream.writeUInt8(block === blocks - 1 ? 1 : 0, at);
    at = stream.writeUInt16LE(part.length, at);
    at = stream.writeUInt16LE(~part.length & 0xffff, at);
    stream.set(part, at);
    at += part.length;
  }
  stream.writeUInt32BE(adler32(bytes), at);
  return stream;
}

/** Checksum at the end of a zlib stream (RFC 1950, 8.2). */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  let at = 0;
  while (at < bytes.length) {
    for (const end = Math.min(bytes.length, at + ADLER_RUN); at < end; at++) {
      a += bytes[at] ?? 0;
      b += a;
    }
    a %= ADLER_BASE;
    b %= ADLER_BASE;
  }
  return b * 0x10000 + a;
}
