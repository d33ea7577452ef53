import * as z from 'zod/mini';
import type { Pending } from '../base/engine.ts';
import { parsePending } from '../wire/intent-schema.ts';

const submission = z.object({
  kind: z.literal('submit'),
  pending: z.unknown(),
  head: z.optional(z.string().check(z.regex(/^[0-9a-f]{40}$/))),
});
const cancellation = z.object({ kind: z.literal('cancel') });

/** What a follower submits. */
export interface Submission {
  readonly pending: Pending;
  /** The commit that its checkout of the branch is at, if it could follow by a pack. */
  readonly head: string | undefined;
}

/** The submission of a follower; undefined if the message is none. */
export function parseSubmission(value: unknown): Submission | undefined {
  const parsed = submission.safeParse(value);
  const pending = parsed.success ? parsePending(parsed.data.pending) : undefined;
  return pending && { pending, head: parsed.data?.head };
}

/** Whether the message is the cancellation of a follower. */
export function isCancellation(value: unknown): boolean {
  return cancellation.safeParse(value).success;
}
