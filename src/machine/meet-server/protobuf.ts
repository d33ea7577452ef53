/**
 * The wire format of protocol buffers, as far as etcd's messages need it: numbers that are not negative, texts, bytes,
 * and messages in messages.
 */

/** A value of a field; undefined: the message does not have it. */
export type Value = number | bigint | string | Uint8Array | undefined;

/** A field: its number, and its value. */
export type Field = readonly [number: number, value: Value];

/** Text from a peer that is not a message. */
export class ProtobufError extends Error {}

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
/** Most bytes of a varint: 64 bits, seven per byte. */
const LONGEST_VARINT = 10;

/** Encodes the fields, in this order. */
export function encode(...fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (value === undefined) continue;
    if (typeof value === 'number' || typeof value === 'bigint') {
      parts.push(varint((number << 3) | VARINT), varint(value));
      continue;
    }
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    parts.push(varint((number << 3) | BYTES), varint(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  bytes.push(Number(left));
  return Uint8Array.from(bytes);
}

/** A message that was read. A field that it does not have is 0, an empty text or no message, as the format requires. */
export class Message {
  readonly #fields: ReadonlyMap<number, readonly (bigint | Buffer)[]>;

  private constructor(fields: ReadonlyMap<number, readonly (bigint | Buffer)[]>) {
    this.#fields = fields;
  }

  /** @throws ProtobufError if the bytes are not a message */
  static read(bytes: Uint8Array): Message {
    return new Message(fieldsIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  }

  /** The last one of that number: a later one replaces those before it. */
  int(number: number): bigint {
    const value = this.#fields.get(number)?.at(-1) ?? 0n;
    if (typeof value === 'bigint') return value;
    throw new ProtobufError('a number was expected');
  }

  text(number: number): string {
    return this.#bytes(this.#fields.get(number)?.at(-1)).toString('utf8');
  }

  /** All of that number. @throws ProtobufError if one is not a message */
  messages(number: number): Message[] {
    return (this.#fields.get(number) ?? []).map((value) => Message.read(this.#bytes(value)));
  }

  /** The last of that number, or one without fields. */
  message(number: number): Message {
    return this.messages(number).at(-1) ?? new Message(new Map());
  }

  #bytes(value: bigint | Buffer | undefined): Buffer {
    if (typeof value !== 'bigint') return value ?? Buffer.alloc(0);
    throw new ProtobufError('a text was expected');
  }
}

function fieldsIn(bytes: Buffer): Map<number, (bigint | Buffer)[]> {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const skip = (length: number): Buffer => {
    if (length > bytes.length - at) throw new ProtobufError('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (): bigint => {
    let value = 0n;
    for (let index = 0; index < LONGEST_VARINT; index++) {
      const byte = skip(1)[0] ?? 0;
      value |= BigInt(byte & 127) << BigInt(7 * index);
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('a number is too long');
  };
  while (at < bytes.length) {
    const tag = Number(number());
    const [field, type] = [Math.floor(tag / 8), tag % 8];
    if (type === FIXED_64 || type === FIXED_32) {
      // Nothing that we read has such a field.
      skip(type === FIXED_64 ? 8 : 4);
      continue;
    }
    if (type !== VARINT && type !== BYTES) throw new ProtobufError('a field is of no known type');
    const value = type === VARINT ? number() : skip(Number(number()));
    const known = fields.get(field);
    if (known === undefined) fields.set(field, [value]);
    else known.push(value);
  }
  return fields;
}
