import * as z from 'zod/mini';
import { projectProblem, taskIdProblem } from '../../domain/base/names.ts';
import type { ClaimIntent } from '../../domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../domain/intents/outcome.ts';
import { MOST_ATTEMPTS, named } from './intent-schema.ts';

/** Built when the first answer arrives, see `intent-schema.ts`. */
let built: ReturnType<typeof buildSchema> | undefined;

function buildSchema() {
  const text = z.string().check(z.maxLength(4000), z.regex(/^[^\u0000-\u001f\u007f]*$/));
  return z.strictObject({
    kind: z.literal('claimed'),
    key: z.strictObject({ project: named(projectProblem), id: named(taskIdProblem) }),
    title: z.optional(text),
    path: text,
    priority: z.number(),
    type: z.optional(text),
    claim: z.strictObject({
      claimedBy: text,
      claimedAt: text,
      lastHeartbeat: text,
      attempt: z.int().check(z.minimum(1), z.maximum(MOST_ATTEMPTS)),
      claimId: text,
    }),
    takenFrom: z.optional(z.strictObject({ agent: z.optional(text), silentMs: z.number(), stalls: z.int() })),
    pool: z.optional(z.strictObject({ stalledAfterMs: z.number(), heartbeat: z.enum(['commit', 'ref']) })),
  });
}

/**
 * Parses the outcome of a claim from an answer ref: anybody who can push can make such refs, so they are checked like
 * arguments of the command line.
 * @returns undefined if it is none, or not that of this intent
 */
export function claimOutcome(value: unknown, intent: ClaimIntent): ClaimedOutcome | undefined {
  built ??= buildSchema();
  const parsed = built.safeParse(value);
  if (!parsed.success) return undefined;
  const { claim } = parsed.data;
  if (claim.claimId !== intent.request || claim.claimedBy !== intent.agent) return undefined;
  // JSON has no undefined, but zod's types allow it, and `exactOptionalPropertyTypes` does not.
  return JSON.parse(JSON.stringify(parsed.data)) as ClaimedOutcome;
}
