import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLUSH, type Packet, PacketReader, packet } from '../../../src/git/wire/packets.ts';

/** Reads the stream in pieces of these lengths, again and again. */
function read(stream: Buffer, lengths: readonly number[]): { packets: (string | undefined)[]; isGarbled: boolean } {
  const reader = new PacketReader();
  const packets: Packet[] = [];
  for (let at = 0, n = 0; at < stream.length; n++) {
    const end = at + (lengths[n % lengths.length] ?? 1);
    packets.push(...reader.read(stream.subarray(at, end)));
    at = end;
  }
  return {
    packets: packets.map((each) => (each === 'flush' ? undefined : each.toString('latin1'))),
    isGarbled: reader.isGarbled,
  };
}

describe('packets', () => {
  it('are what was written, however the stream is cut', () => {
    const text = fc.option(fc.oneof(fc.string(), fc.constant('x'.repeat(3_000))), { nil: undefined });
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), lengths, (texts, cuts) => {
        const stream = Buffer.from(texts.map((each) => (each === undefined ? FLUSH : packet(each))).join(''));
        const expected = texts.map((each) => each && Buffer.from(each).toString('latin1'));
        expect(read(stream, cuts)).toEqual({ packets: expected, isGarbled: false });
      }),
      { numRuns: 60 },
    );
  });

  it('have the length of their bytes, and their own', () => {
    expect(packet('a\n')).toBe('0006a\n');
    expect(packet('é')).toBe('0006é');
    expect(packet('')).toBe('0004');
    expect(read(Buffer.from(`fff0${'x'.repeat(65_516)}`), [70_000]).packets).toEqual(['x'.repeat(65_516)]);
  });

  it.each([
    ['a length that is none', '00g5a'],
    ['a sign', '+005a'],
    ['words', 'fatal: no'],
    ['the marks of protocol 2', '0001'],
    ['less than its own length', '0003'],
    ['more than git sends', 'fff1'],
  ])('end with %s', (_, rest) => {
    const stream = Buffer.from(`${packet('a')}${rest}${packet('b')}`);
    for (const cut of [1, 3, 100]) expect(read(stream, [cut])).toEqual({ packets: ['a'], isGarbled: true });
  });

  it('that never become whole are not whole', () => {
    expect(read(Buffer.from('0006a'), [1])).toEqual({ packets: [], isGarbled: false });
  });
});
