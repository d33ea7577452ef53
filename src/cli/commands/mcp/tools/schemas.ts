import * as z from 'zod/mini';

/**
 * What the tools take and answer. These schemas give only the form; a model reads them, so they are short. What a
 * value may be, and how long, is checked as on the command line, by the same code.
 */

const line = (description: string) => z.optional(text(description));
const text = (description: string) => z.string().check(z.describe(description));
const number = (description: string) => z.optional(z.number().check(z.describe(description)));
const flag = (description: string) => z.optional(z.boolean().check(z.describe(description)));
const words = (description: string) => z.optional(z.array(z.string()).check(z.describe(description)));
const labels = z.optional(z.record(z.string(), z.string()));

const heldTask = line('TASK-ID or project/TASK-ID; default: the task that you hold');
const project = line('only this project');

export const claimInput = z.strictObject({
  task: line('only this task: TASK-ID or project/TASK-ID'),
  project,
  type: line('only tasks of this type'),
  min_priority: number('only this priority or higher'),
  max_priority: number('only this priority or lower'),
  labels,
  wait: line('wait for a task if there is none, such as 30s or 10m'),
});

export const showInput = z.strictObject({ task: heldTask });

export const noteInput = z.strictObject({ task: heldTask, text: text('one line') });

export const askInput = z.strictObject({ task: heldTask, question: text('what a person must decide, in one line') });

export const completeInput = z.strictObject({
  task: heldTask,
  pr_url: line('pull request with the work'),
  review: flag('the pull request is not merged yet: what requires the task still waits'),
});

export const releaseInput = z.strictObject({ task: heldTask, reason: line('why, in one line') });

export const addInput = z.strictObject({
  project: line('default: the only project'),
  tasks: z
    .array(
      z.strictObject({
        title: text('what to do, in one line'),
        description: line('first line: summary'),
        priority: number('higher first; default 0'),
        type: line('such as backend'),
        criteria: words('acceptance criteria'),
        requires: words('tasks that must be completed first: ids, or refs of this call'),
        ref: line('name of this task in requires'),
        labels,
      }),
    )
    .check(z.minLength(1)),
});

export const statusInput = z.strictObject({ project });

/** What the agent must know, whatever it has asked for: a lost claim, a task that was edited. */
const notices = z.optional(z.array(z.string()).check(z.describe('read these first')));

const task = { project: z.string(), task: z.string(), title: z.nullable(z.string()) };

const description = z.optional(z.nullable(z.string()));
const criteria = z.optional(z.array(z.string()));

export const claimOutput = z.looseObject({
  notices,
  ...task,
  priority: z.number(),
  description,
  acceptanceCriteria: criteria,
  claimId: z.nullable(z.string()),
  agent: z.string(),
});

export const showOutput = z.looseObject({
  notices,
  ...task,
  state: z.string(),
  description,
  acceptanceCriteria: criteria,
});

export const taskOutput = z.looseObject({ notices, ...task });

export const completeOutput = z.looseObject({ notices, ...task, unblocked: z.optional(z.array(z.looseObject(task))) });

export const addOutput = z.looseObject({ notices, tasks: z.array(z.looseObject(task)) });

export const statusOutput = z.looseObject({
  notices,
  agent: z.string(),
  held: z.array(z.looseObject(task)),
  projects: z.array(z.looseObject({ project: z.string() })),
  all: z.looseObject({ total: z.number(), completed: z.number() }),
});
