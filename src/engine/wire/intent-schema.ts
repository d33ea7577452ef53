import * as z from 'zod/mini';
import { idPrefixProblem } from '../../domain/adding/task-ids.ts';
import { agentProblem, authorProblem, projectProblem, prUrlProblem, taskIdProblem } from '../../domain/base/names.ts';
import { noteTextProblem } from '../../domain/base/note-text.ts';
import { type Intent, LONGEST_SUMMARY, MOST_COST_USD, MOST_EDITED } from '../../domain/intents/intent.ts';
import { LAYOUT_NAMES } from '../../domain/queue/layouts.ts';
import { capabilityProblem } from '../../domain/rules/needs.ts';
import { MAX_TASK_BYTES } from '../../store/codec/read-task.ts';
import type { Pending } from '../base/engine.ts';
import { newTasks, taskEdits } from './add-schema.ts';
import { changingIntents } from './change-schema.ts';

/**
 * Intents come from other processes and, as names of request refs, from anybody who can push. They are checked like
 * arguments of the command line: none can leave the queue's folders or add a line to a commit.
 */

/** Most attempts that an intent from outside may claim: the number goes into the task file. */
export const MOST_ATTEMPTS = 1_000_000;

/**
 * Built when the first intent arrives: a lone claim does not need them, and they take as long as git takes to start.
 */
let built: ReturnType<typeof buildSchemas> | undefined;

function schemas(): ReturnType<typeof buildSchemas> {
  built ??= buildSchemas();
  return built;
}

function buildSchemas() {
  const text = z.string().check(z.maxLength(1000), z.regex(/^[^\u0000-\u001f\u007f]*$/));
  const request = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{5,63}$/));
  const agent = named(agentProblem);
  const project = named(projectProblem);
  const reference = z.strictObject({ project: z.optional(project), id: named(taskIdProblem) });
  const oid = z.string().check(z.regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/));

  const filter = z.strictObject({
    project: z.optional(project),
    minPriority: z.optional(z.number()),
    maxPriority: z.optional(z.number()),
    type: z.optional(text),
    labels: z.optional(z.record(text, text)),
    can: z.optional(z.array(named(capabilityProblem)).check(z.maxLength(100))),
    except: z.optional(
      z
        .array(z.string().check(z.maxLength(201), z.regex(/^[^/\u0000-\u001f\u007f]+\/[A-Za-z0-9][A-Za-z0-9._-]*$/)))
        .check(z.maxLength(1000)),
    ),
  });

  const report = z.strictObject({
    summary: z.optional(
      z.string().check(z.maxLength(LONGEST_SUMMARY), z.regex(/^[^\u0000-\u0009\u000b-\u001f\u007f]*$/)),
    ),
    costUsd: z.optional(z.number().check(z.minimum(0), z.maximum(MOST_COST_USD))),
    tokens: z.optional(z.int().check(z.minimum(0))),
  });
  const ending = { report: z.optional(report), inReview: z.optional(z.literal('leave')) };

  const intent = z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('claim'),
      request,
      agent,
      filter,
      task: z.optional(reference),
      prefer: z.optional(project),
      attempt: z.int().check(z.minimum(1), z.maximum(MOST_ATTEMPTS)),
      waitedMs: z.number().check(z.minimum(0)),
    }),
    z.strictObject({
      kind: z.literal('heartbeat'),
      request,
      agent,
      task: reference,
      claimId: z.optional(text),
      as: z.optional(z.literal('commit')),
    }),
    z.strictObject({
      kind: z.literal('release'),
      request,
      agent,
      task: reference,
      claimId: z.optional(text),
      ...ending,
      reason: z.optional(text),
      because: z.optional(z.literal('failed')),
      output: z.optional(z.array(text).check(z.maxLength(50))),
      blockedReason: z.optional(text),
    }),
    z.strictObject({
      kind: z.literal('complete'),
      request,
      agent,
      task: reference,
      claimId: z.optional(text),
      ...ending,
      prUrl: z.optional(named(prUrlProblem)),
    }),
    z.strictObject({
      kind: z.literal('review'),
      request,
      agent,
      task: reference,
      claimId: z.optional(text),
      ...ending,
      prUrl: z.optional(named(prUrlProblem)),
    }),
    z.strictObject({ kind: z.literal('take'), request, agent, task: reference, from: agent }),
    z.strictObject({
      kind: z.literal('ask'),
      request,
      agent,
      task: reference,
      claimId: z.optional(text),
      text: named((value) => noteTextProblem(value)),
    }),
    z.strictObject({
      kind: z.enum(['note', 'answer']),
      request,
      agent: named(authorProblem),
      task: reference,
      text: named((value) => noteTextProblem(value)),
    }),
    z.strictObject({
      kind: z.literal('edit'),
      request,
      agent: named(authorProblem),
      task: reference,
      more: z.optional(z.array(reference).check(z.maxLength(MOST_EDITED - 1))),
      edits: taskEdits(),
      text: z.optional(z.strictObject({ was: oid, now: z.string().check(z.maxLength(MAX_TASK_BYTES)) })),
    }),
    ...changingIntents({ request, author: named(authorProblem), reference, project, text: named(noteTextProblem) }),
    z.strictObject({
      kind: z.literal('unblock'),
      request,
      agent,
      project: z.optional(project),
      task: z.optional(reference),
      more: z.optional(z.array(reference).check(z.maxLength(MOST_EDITED - 1))),
      here: z.optional(z.literal(true)),
    }),
    z.strictObject({
      kind: z.literal('release-stalled'),
      request,
      agent,
      project: z.optional(project),
      olderThanMs: z.optional(z.number().check(z.positive())),
      here: z.optional(z.literal(true)),
    }),
    z.strictObject({
      kind: z.literal('add'),
      request,
      agent,
      tasks: newTasks(),
      project: z.optional(project),
      layout: z.optional(z.enum(LAYOUT_NAMES)),
      idPrefix: z.optional(named(idPrefixProblem)),
      upsert: z.optional(z.union([z.literal(true), z.literal('by-ref')])),
    }),
  ]);

  const pending = z.strictObject({ intent, base: z.optional(oid) });
  return { intent, pending };
}

/** @returns the intent; undefined if this version of agentq does not know it */
export function parseIntent(value: unknown): Intent | undefined {
  const parsed = schemas().intent.safeParse(value);
  return parsed.success ? withoutUndefined(parsed.data) : undefined;
}

/** @returns the pending intent; undefined if the value is none */
export function parsePending(value: unknown): Pending | undefined {
  const parsed = schemas().pending.safeParse(value);
  return parsed.success ? { intent: withoutUndefined(parsed.data.intent), base: parsed.data.base } : undefined;
}

/** A string in which the rule for a kind of name finds no problem. */
export function named(problem: (value: string) => string | undefined): z.ZodMiniString {
  return z.string().check(z.refine((value) => problem(value) === undefined));
}

/** JSON has no undefined, but zod's types allow it, and `exactOptionalPropertyTypes` does not. */
function withoutUndefined(value: z.infer<ReturnType<typeof buildSchemas>['intent']>): Intent {
  return JSON.parse(JSON.stringify(value)) as Intent;
}
