import * as z from 'zod/mini';
import type { Intent } from '../../domain/intents/intent.ts';
import { parseIntent } from './intent-schema.ts';

/**
 * What the leaders of machines say to each other at a server. Anybody who may use the server can send such messages, so
 * all of them are checked, and no answer is in them: a follower reads on the branch what became of its intents.
 */

/** What a machine sends to the one that leads: once. */
export type HandOver = {
  readonly kind: 'hand-over';
  /** Intents that have certainly not been carried out. */
  readonly intents: readonly Intent[];
};

/** What the machine that leads sends. */
export type LeadingMessage =
  /**
   * From here on the intents may be carried out, by a push that is leased on this tip. Sent before each push, and only
   * those who have taken note of it are in the push.
   */
  | { readonly kind: 'taken'; readonly base: string }
  /** The intents were decided on: look. */
  | { readonly kind: 'over' }
  /** The intents were not even decided on: hand them to the next leader. */
  | { readonly kind: 'moved' };

/** Most intents of one machine, and of all of them together. */
export const MOST_INTENTS = { ofOne: 500, ofAll: 2_000 } as const;

/** Built when the first message comes. */
let built: ReturnType<typeof buildSchemas> | undefined;

function buildSchemas() {
  const base = z.string().check(z.regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/));
  return {
    handOver: z.strictObject({
      kind: z.literal('hand-over'),
      intents: z.array(z.unknown()).check(z.minLength(1), z.maxLength(MOST_INTENTS.ofOne)),
    }),
    leading: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('taken'), base }),
      z.strictObject({ kind: z.literal('over') }),
      z.strictObject({ kind: z.literal('moved') }),
    ]),
  };
}

/** @returns the intents; undefined if one is none of this version, or the message is another one */
export function parseHandOver(value: unknown): readonly Intent[] | undefined {
  built ??= buildSchemas();
  const parsed = built.handOver.safeParse(value);
  if (!parsed.success) return undefined;
  const intents = parsed.data.intents.flatMap((one) => parseIntent(one) ?? []);
  return intents.length === parsed.data.intents.length ? intents : undefined;
}

/** @returns undefined if the message is none of this version */
export function parseLeading(value: unknown): LeadingMessage | undefined {
  built ??= buildSchemas();
  const parsed = built.leading.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
