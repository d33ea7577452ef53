import * as z from 'zod';
import { idPrefixProblem } from '../domain/adding/task-ids.ts';
import type { Intent } from '../domain/intent.ts';
import { agentProblem, projectProblem, prUrlProblem, taskIdProblem } from '../domain/names.ts';
import { LAYOUT_NAMES } from '../domain/snapshot.ts';
import { newTasks } from './add-schema.ts';
import type { Pending } from './engine.ts';

/**
 * Intents come from other processes and, as names of request refs, from anybody who can push. They are checked like
 * arguments of the command line: none can leave the queue's folders or add a line to a commit.
 */

/** Built when the first intent arrives: a claim that nobody shares has no use for them, and they take as long as git to start. */
let built: ReturnType<typeof buildSchemas> | undefined;

function schemas(): ReturnType<typeof buildSchemas> {
  built ??= buildSchemas();
  return built;
}

function buildSchemas() {
  const text = z
    .string()
    .max(1000)
    .regex(/^[^\u0000-\u001f\u007f]*$/);
  const request = z.string().regex(/^[a-z0-9][a-z0-9-]{5,63}$/);
  const agent = named(agentProblem);
  const project = named(projectProblem);
  const reference = z.strictObject({ project: project.optional(), id: named(taskIdProblem) });
  const oid = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

  const filter = z.strictObject({
    project: project.optional(),
    minPriority: z.number().optional(),
    maxPriority: z.number().optional(),
    type: text.optional(),
    labels: z.record(text, text).optional(),
    except: z
      .array(
        z
          .string()
          .max(201)
          .regex(/^[^/\u0000-\u001f\u007f]+\/[A-Za-z0-9][A-Za-z0-9._-]*$/),
      )
      .max(1000)
      .optional(),
  });

  const intent = z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('claim'),
      request,
      agent,
      filter,
      task: reference.optional(),
      prefer: project.optional(),
      attempt: z.int().min(1),
      waitedMs: z.number().min(0),
    }),
    z.strictObject({
      kind: z.literal('heartbeat'),
      request,
      agent,
      task: reference,
      claimId: text.optional(),
      as: z.literal('commit').optional(),
    }),
    z.strictObject({
      kind: z.literal('release'),
      request,
      agent,
      task: reference,
      claimId: text.optional(),
      reason: text.optional(),
      output: z.array(text).max(50).optional(),
      blockedReason: text.optional(),
    }),
    z.strictObject({
      kind: z.literal('complete'),
      request,
      agent,
      task: reference,
      claimId: text.optional(),
      prUrl: named(prUrlProblem).optional(),
    }),
    z.strictObject({
      kind: z.literal('unblock'),
      request,
      agent,
      project: project.optional(),
      task: reference.optional(),
    }),
    z.strictObject({
      kind: z.literal('release-stalled'),
      request,
      agent,
      project: project.optional(),
      olderThanMs: z.number().positive().optional(),
    }),
    z.strictObject({
      kind: z.literal('add'),
      request,
      agent,
      tasks: newTasks(),
      project: project.optional(),
      layout: z.enum(LAYOUT_NAMES).optional(),
      idPrefix: named(idPrefixProblem).optional(),
    }),
  ]);

  const pending = z.strictObject({ intent, base: oid.optional() });
  return { intent, pending };
}

/** @returns the intent, or undefined where the value is none that this version of agentq knows. */
export function parseIntent(value: unknown): Intent | undefined {
  const parsed = schemas().intent.safeParse(value);
  return parsed.success ? withoutUndefined(parsed.data) : undefined;
}

/** @returns the pending intent, or undefined where the value is none. */
export function parsePending(value: unknown): Pending | undefined {
  const parsed = schemas().pending.safeParse(value);
  return parsed.success ? { intent: withoutUndefined(parsed.data.intent), base: parsed.data.base } : undefined;
}

function named(problem: (value: string) => string | undefined) {
  return z.string().refine((value) => problem(value) === undefined);
}

/** What came as JSON has no undefined, but zod's types say it might: `exactOptionalPropertyTypes` wants it said. */
function withoutUndefined(value: z.infer<ReturnType<typeof buildSchemas>['intent']>): Intent {
  return JSON.parse(JSON.stringify(value)) as Intent;
}
