import * as z from 'zod';

/**
 * The document that a task file holds, as agentq understands it: what the reader takes out of either notation is checked
 * against this, and so is what a user hands in to be written. Fields that are not named here are kept as they are.
 */

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A number, or text that begins with one (`8`, `8 # high`); words are no priority. */
const priority = z.union([z.number(), z.string()]).transform((value, context) => {
  const number = typeof value === 'number' ? value : numberAtStart(value);
  if (number !== undefined && Number.isFinite(number)) return number;
  context.issues.push({ code: 'custom', message: `priority is not a number: ${value}`, input: value });
  return z.NEVER;
});

/** The first word in lower case; nothing where there is no word. */
const status = text.transform((value) => {
  const word = /[\p{L}\p{N}][\p{L}\p{N}_-]*/u.exec(value)?.[0];
  return word?.toLowerCase();
});

const scalars = z.record(z.string(), z.unknown()).transform((entries) => {
  const kept = Object.entries(entries).flatMap(([key, value]) => {
    const parsed = scalar.safeParse(value);
    return parsed.success ? [[key, parsed.data] as const] : [];
  });
  return Object.fromEntries(kept);
});

const attempt = z
  .union([z.number(), z.string()])
  .transform((value) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : undefined));

export const taskSchema = z.looseObject({
  task: z.looseObject({
    id: text.optional(),
    project: text.optional(),
    title: text.optional(),
    type: text.optional(),
    priority: priority.optional(),
    status: status.optional(),
    batch: text.optional(),
    hold_until: text.optional(),
    blocked_reason: text.optional(),
    labels: scalars.optional(),
  }),
  description: z.looseObject({ summary: text.optional(), details: text.optional() }).optional(),
  acceptance_criteria: z.array(text).default([]),
  dependencies: z
    .looseObject({ required: z.array(text).default([]), blocks: z.array(text).default([]) })
    .default({ required: [], blocks: [] }),
  metadata: scalars.optional(),
  claim: z
    .looseObject({
      claimed_by: text.optional(),
      claimed_at: text.optional(),
      last_heartbeat: text.optional(),
      claim_attempt: attempt.optional(),
      claim_id: text.optional(),
    })
    .optional(),
  completion: z
    .looseObject({
      status: text.optional(),
      completed_at: text.optional(),
      completed_by: text.optional(),
      pr_url: text.optional(),
    })
    .optional(),
});

/** A task document that passed {@link taskSchema}. */
export type TaskDocument = z.output<typeof taskSchema>;

function numberAtStart(value: string): number | undefined {
  const found = /^\s*([+-]?\d+(?:\.\d+)?)\s*(?:$|[#(])/.exec(value);
  return found === null ? undefined : Number(found[1]);
}
