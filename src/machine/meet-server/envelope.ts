import * as z from 'zod/mini';

/**
 * What two ends of a conversation send each other through a server. Anybody who may use the server can send one, in any
 * form, so everything in it is checked.
 */
export type Envelope = {
  /** Who sends it: the holder name of the process at the other end. */
  readonly from: string;
  /** Number of this envelope in its direction, from 1: a gap shows that one was lost. */
  readonly number: number;
} & (
  | { readonly kind: 'say'; readonly message: unknown }
  /** Answer with a `pong` if you are still there. So whoever answers has had everything that was sent before. */
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'pong'; readonly id: number }
  /** The sender leads no more, but this conversation goes on. */
  | { readonly kind: 'stay' }
  /** The sender has left. */
  | { readonly kind: 'bye' }
);

/** An envelope without what every one has. */
export type Content = Envelope extends infer E ? (E extends Envelope ? Omit<E, 'from' | 'number'> : never) : never;

/** Raised whenever envelopes change: processes of another version are not understood. */
const VERSION = 1;

/** Built when the first envelope comes. */
let built: ReturnType<typeof buildSchema> | undefined;

function buildSchema() {
  const count = z.int().check(z.minimum(1));
  const common = { v: z.literal(VERSION), from: z.string().check(z.regex(/^[\w-]{8,64}$/)), number: count };
  return z.discriminatedUnion('kind', [
    z.strictObject({ ...common, kind: z.literal('say'), message: z.unknown() }),
    z.strictObject({ ...common, kind: z.literal('ping'), id: count }),
    z.strictObject({ ...common, kind: z.literal('pong'), id: count }),
    z.strictObject({ ...common, kind: z.literal('stay') }),
    z.strictObject({ ...common, kind: z.literal('bye') }),
  ]);
}

/** The envelope as text. */
export function sealed(envelope: Envelope): string {
  return JSON.stringify({ v: VERSION, ...envelope });
}

/** @returns undefined if the text is none of this version */
export function opened(text: string): Envelope | undefined {
  built ??= buildSchema();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = built.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
