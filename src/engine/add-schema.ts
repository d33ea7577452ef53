import * as z from 'zod';
import { MAX_NEW_TASKS, NEW_STATUSES, type NewTask, newTaskProblem } from '../domain/adding/new-task.ts';

/** What the tasks of an `add` intent that comes from another process must be like. */
export function newTasks() {
  /** Bound of what no rule of the domain bounds; each text has its own limit there. */
  const text = z.string().max(500_000);
  const place = z
    .string()
    .max(1000)
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/);
  const scalar = z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]);
  /** A task has a few dozen entries; thousands are an attempt to keep the leader busy. */
  const entries = z.array(text).max(10_000);

  const newTask = z
    .strictObject({
      place: place.optional(),
      requiredPlace: place.optional(),
      id: text.optional(),
      ref: text.optional(),
      project: text.optional(),
      title: text,
      type: text.optional(),
      priority: z.number().optional(),
      status: z.enum(NEW_STATUSES).optional(),
      summary: text.optional(),
      details: text.optional(),
      criteria: entries,
      required: entries,
      blocks: entries,
      labels: z.record(z.string().max(500), scalar),
      batch: text.optional(),
      holdUntil: text.optional(),
      rest: z.record(z.string().max(100), z.json()),
    })
    // The very rules that the command line and files are held to.
    .refine((task) => newTaskProblem(JSON.parse(JSON.stringify(task)) as NewTask) === undefined);
  return z.array(newTask).min(1).max(MAX_NEW_TASKS);
}
