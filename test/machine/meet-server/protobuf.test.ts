import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encode, type Field, Message, ProtobufError } from '../../../src/machine/meet-server/protobuf.ts';

it('reads what it has written', () => {
  const value = fc.oneof(fc.bigInt(0n, 2n ** 63n - 1n), fc.string({ unit: 'grapheme' }));
  const fields = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 70 }), value), { selector: ([number]) => number });
  fc.assert(
    fc.property(fields, (given) => {
      const message = Message.read(encode([100, encode(...given)], [101, undefined])).message(100);
      const read = given.map(
        ([number, one]): Field => [number, typeof one === 'bigint' ? message.int(number) : message.text(number)],
      );
      expect(read).toEqual(given);
    }),
  );
});

it('is what others write', () => {
  // The examples of the documentation of the format: 150, `testing`, and a message with 150 in it; then a field that
  // nobody knows.
  const message = Message.read(Buffer.from('089601' + '120774657374696e67' + '1a03089601' + '2501020304', 'hex'));
  expect([message.int(1), message.text(2), message.message(3).int(1)]).toEqual([150n, 'testing', 150n]);
  expect([message.int(9), message.text(9), message.messages(9)]).toEqual([0n, '', []]);
  expect(() => message.text(1)).toThrow(ProtobufError);
  expect(() => message.int(2)).toThrow(ProtobufError);
});

it('takes any bytes for a message, or says that they are none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        Message.read(bytes).int(1);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
      }
    }),
    { examples: [[Uint8Array.from([10, 255, 255, 255, 255, 15])], [new Uint8Array(60).fill(255)]] },
  );
});
