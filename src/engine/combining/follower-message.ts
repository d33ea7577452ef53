import * as z from 'zod/mini';
import type { Pending } from '../base/engine.ts';
import { parsePending } from '../wire/intent-schema.ts';

const submission = z.object({ kind: z.literal('submit'), pending: z.unknown() });
const cancellation = z.object({ kind: z.literal('cancel') });

/** The submission of a follower; undefined if the message is none. */
export function parseSubmission(value: unknown): Pending | undefined {
  const parsed = submission.safeParse(value);
  return parsed.success ? parsePending(parsed.data.pending) : undefined;
}

/** Whether the message is the cancellation of a follower. */
export function isCancellation(value: unknown): boolean {
  return cancellation.safeParse(value).success;
}
