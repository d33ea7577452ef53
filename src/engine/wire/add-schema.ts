import * as z from 'zod/mini';
import type { TaskEdits } from '../../domain/queue/edit.ts';
import {
  editsProblem,
  MAX_NEW_TASKS,
  NEW_STATUSES,
  type NewTask,
  newTaskProblem,
} from '../../domain/queue/new-task.ts';

/** The schema of an `edit` intent that comes from another process: each field by the rule for new tasks. */
export function taskEdits() {
  const text = z.string().check(z.maxLength(500_000));
  const list = z.optional(z.array(text).check(z.maxLength(1000)));
  const lists = z.optional(z.strictObject({ set: list, add: list, remove: list }));
  return z
    .strictObject({
      title: z.optional(text),
      type: z.optional(text),
      priority: z.optional(z.number()),
      batch: z.optional(text),
      details: z.optional(text),
      requires: lists,
      criteria: lists,
      labels: z.optional(z.record(z.string().check(z.maxLength(500)), z.string().check(z.maxLength(1000)))),
    })
    .check(z.refine((edits) => editsProblem(JSON.parse(JSON.stringify(edits)) as TaskEdits) === undefined));
}

/** The schema of the tasks in an `add` intent that comes from another process. */
export function newTasks() {
  /** Limit for texts without a rule of the domain, where each text has its own limit. */
  const text = z.string().check(z.maxLength(500_000));
  const place = z.string().check(z.maxLength(1000), z.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/));
  const scalar = z.union([z.string().check(z.maxLength(1000)), z.number(), z.boolean(), z.null()]);
  /** A task has a few dozen entries; thousands are an attempt to keep the leader busy. */
  const entries = z.array(text).check(z.maxLength(10_000));

  const newTask = z
    .strictObject({
      place: z.optional(place),
      requiredPlace: z.optional(place),
      id: z.optional(text),
      ref: z.optional(text),
      project: z.optional(text),
      title: text,
      type: z.optional(text),
      priority: z.optional(z.number()),
      status: z.optional(z.enum(NEW_STATUSES)),
      summary: z.optional(text),
      details: z.optional(text),
      criteria: entries,
      required: entries,
      blocks: entries,
      labels: z.record(z.string().check(z.maxLength(500)), scalar),
      batch: z.optional(text),
      holdUntil: z.optional(text),
      completion: z.optional(z.strictObject({ at: place, by: z.optional(place), prUrl: z.optional(place) })),
      cancellation: z.optional(z.strictObject({ at: place, by: z.optional(place), reason: z.optional(place) })),
      rest: z.record(z.string().check(z.maxLength(100)), z.json()),
    })
    // The same rules as for the command line and for files.
    .check(z.refine((task) => newTaskProblem(JSON.parse(JSON.stringify(task)) as NewTask) === undefined));
  return z.array(newTask).check(z.minLength(1), z.maxLength(MAX_NEW_TASKS));
}
