import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedZlib } from '../../../src/git/objects/stored-zlib.ts';

describe('storedZlib', () => {
  it('gives what zlib gives at level 0', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => {
        expect(Buffer.from(storedZlib(bytes))).toEqual(deflateSync(bytes, { level: 0 }));
      }),
    );
  });

  it.each([0, 1, 65_534, 65_535, 65_536, 131_070, 131_071, 300_000])('can be inflated with %i bytes', (length) => {
    const bytes = Buffer.alloc(length, 'what is 251 and prime: a sum that overflows soon \u00ff');
    expect(inflateSync(storedZlib(bytes)).equals(bytes)).toBe(true);
  });
});
