import * as z from 'zod/mini';
import { asciiFirst } from '../../domain/base/ascii-first.ts';
import { hasHidden } from '../../domain/base/names.ts';

/**
 * The document in a task file, as agentq understands it. What the reader takes from either notation is checked against
 * this, and so is what a user gives to be written. Fields that are not named here are kept as they are.
 */

const text = z.pipe(z.union([z.string(), z.number(), z.boolean()]), z.transform(String));
const WORD = asciiFirst(/[\p{L}\p{N}][\p{L}\p{N}_-]*/u);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A number, or text that begins with one (`8`, `8 # high`); words are not a priority. */
const priority = z.pipe(
  z.union([z.number(), z.string()]),
  z.transform((value: string | number, context) => {
    const number = typeof value === 'number' ? value : numberAtStart(value);
    if (number !== undefined && Number.isFinite(number)) return number;
    context.issues.push({ code: 'custom', message: `priority is not a number: ${value}`, input: value });
    return z.NEVER;
  }),
);

/** The first word in lower case; undefined if there is no word. */
const status = z.pipe(
  text,
  z.transform((value: string) => {
    const word = WORD.exec(value)?.[0];
    return word?.toLowerCase();
  }),
);

/** A shell command on one line; longer ones belong in a script. */
export const LONGEST_CHECK = 1000;
const command = z.string().check(
  z.maxLength(LONGEST_CHECK),
  z.refine((value) => !hasHidden(value)),
);

const scalars = z.pipe(
  z.record(z.string(), z.unknown()),
  z.transform((entries: Record<string, unknown>) => {
    const kept = Object.entries(entries).flatMap(([key, value]) => {
      const parsed = scalar.safeParse(value);
      return parsed.success ? [[key, parsed.data] as const] : [];
    });
    return Object.fromEntries(kept);
  }),
);

const attempt = z.pipe(
  z.union([z.number(), z.string()]),
  z.transform((value: string | number) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : undefined)),
);

export const taskSchema = z.looseObject({
  task: z.looseObject({
    id: z.optional(text),
    project: z.optional(text),
    title: z.optional(text),
    type: z.optional(text),
    priority: z.optional(priority),
    status: z.optional(status),
    batch: z.optional(text),
    ref: z.optional(text),
    hold_until: z.optional(text),
    blocked_reason: z.optional(text),
    labels: z.optional(scalars),
  }),
  verify: z.optional(z.array(command)),
  description: z.optional(z.looseObject({ summary: z.optional(text), details: z.optional(text) })),
  acceptance_criteria: z._default(z.array(text), []),
  dependencies: z._default(
    z.looseObject({ required: z._default(z.array(text), []), blocks: z._default(z.array(text), []) }),
    { required: [], blocks: [] },
  ),
  metadata: z.optional(scalars),
  claim: z.optional(
    z.looseObject({
      claimed_by: z.optional(text),
      claimed_at: z.optional(text),
      last_heartbeat: z.optional(text),
      claim_attempt: z.optional(attempt),
      claim_id: z.optional(text),
      review_since: z.optional(text),
      pr_url: z.optional(text),
    }),
  ),
  cancellation: z.optional(
    z.looseObject({
      cancelled_at: z.optional(text),
      cancelled_by: z.optional(text),
      reason: z.optional(text),
      was: z.optional(status),
    }),
  ),
  completion: z.optional(
    z.looseObject({
      status: z.optional(text),
      completed_at: z.optional(text),
      completed_by: z.optional(text),
      pr_url: z.optional(text),
    }),
  ),
});

/** A task document that passed {@link taskSchema}. */
export type TaskDocument = z.output<typeof taskSchema>;

function numberAtStart(value: string): number | undefined {
  const found = /^\s*([+-]?\d+(?:\.\d+)?)\s*(?:$|[#(])/.exec(value);
  return found === null ? undefined : Number(found[1]);
}
