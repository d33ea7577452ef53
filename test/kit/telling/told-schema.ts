import { z } from 'zod';
import type { FailureCode } from '../../../src/domain/base/failure.ts';
import type { TaskEventKind } from '../../../src/domain/past/task-event.ts';
import type { Told, ToldLine } from '../../../src/domain/telling/told.ts';

const text = z.string();
const count = z.number().int().nonnegative();
const ms = z.number().nonnegative();
const names = z.array(text);
const commit = z.string().regex(/^[0-9a-f]{40}$/);

const stamp = {
  time: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  level: z.enum(['error', 'warning', 'info', 'debug']),
  message: text,
  agent: text,
};
const named = { project: text, task: text };
const job = { ...named, claimId: text };
const later = { reason: text, delayMs: ms };

/** Every kind of what happens to tasks: the compiler names one that is missing. */
const TASK_EVENTS: Readonly<Record<TaskEventKind, true>> = {
  'task.added': true,
  'task.claimed': true,
  'task.renewed': true,
  'task.review': true,
  'task.released': true,
  'task.stalled': true,
  'task.completed': true,
  'task.unblocked': true,
  'task.blocked': true,
  'task.cancelled': true,
  'task.reopened': true,
  'task.updated': true,
  'task.noted': true,
  'task.taken': true,
  'task.asked': true,
  'task.answered': true,
  'task.removed': true,
  'queue.paused': true,
  'queue.resumed': true,
};

/** Keys that `watch` knows, too, where it knows them. */
const seen = {
  ref: text.optional(),
  attempts: count.optional(),
  waitedMs: ms.optional(),
  reason: text.optional(),
  failures: count.optional(),
  prUrl: text.optional(),
  note: text.optional(),
  from: text.optional(),
  question: text.optional(),
  answer: text.optional(),
  costUsd: z.number().optional(),
  tokens: count.optional(),
};

const task = z.strictObject({
  event: z.enum(Object.keys(TASK_EVENTS) as [TaskEventKind, ...TaskEventKind[]]),
  ...stamp,
  project: text.nullable(),
  task: text.nullable(),
  title: text.nullable(),
  commit: commit.nullable(),
  ...seen,
  claimId: text.optional(),
  elapsedMs: ms.optional(),
  stalls: count.optional(),
  changed: names.optional(),
  outcome: text.optional(),
});

const message = z.strictObject({
  event: z.literal('log'),
  ...stamp,
  project: text.optional(),
  task: text.optional(),
  code: z
    .string()
    .transform((code) => code as FailureCode)
    .optional(),
  hint: text.optional(),
  stack: text.optional(),
  processes: count.optional(),
  changed: names.optional(),
});

/** The steps of the engine, without those that start a process. */
const steps = {
  following: {},
  queueing: {},
  turn: { elapsedMs: ms },
  looked: { tip: commit.optional(), elapsedMs: ms },
  fetched: { tip: commit, elapsedMs: ms },
  decided: { intents: count, commits: count, refused: count, elapsedMs: ms },
  pushed: { commit, commits: count, elapsedMs: ms },
  rejected: { attempt: count, words: text },
  retrying: {
    attempt: count,
    delayMs: ms,
    baseMs: ms,
    rate: z.number().optional(),
    reason: text,
    unreachable: z.literal(true).optional(),
  },
  'still-waiting': { what: text, elapsedMs: ms },
  resolved: { request: text, verdict: z.enum(['landed', 'not-landed']) },
  'unreadable-task': { file: text, line: count.optional() },
  warning: {},
};

const engine = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('engine.git-process'), ...stamp, command: text }),
  z.strictObject({ event: z.literal('engine.following'), ...stamp, ...steps.following }),
  z.strictObject({ event: z.literal('engine.queueing'), ...stamp, ...steps.queueing }),
  z.strictObject({ event: z.literal('engine.turn'), ...stamp, ...steps.turn }),
  z.strictObject({ event: z.literal('engine.looked'), ...stamp, ...steps.looked }),
  z.strictObject({ event: z.literal('engine.fetched'), ...stamp, ...steps.fetched }),
  z.strictObject({ event: z.literal('engine.decided'), ...stamp, ...steps.decided }),
  z.strictObject({ event: z.literal('engine.pushed'), ...stamp, ...steps.pushed }),
  z.strictObject({ event: z.literal('engine.rejected'), ...stamp, ...steps.rejected }),
  z.strictObject({ event: z.literal('engine.retrying'), ...stamp, ...steps.retrying }),
  z.strictObject({ event: z.literal('engine.still-waiting'), ...stamp, ...steps['still-waiting'] }),
  z.strictObject({ event: z.literal('engine.resolved'), ...stamp, ...steps.resolved }),
  z.strictObject({ event: z.literal('engine.unreadable-task'), ...stamp, ...steps['unreadable-task'] }),
  z.strictObject({ event: z.literal('engine.warning'), ...stamp, ...steps.warning }),
]);

const traced = <Step extends string>(step: Step) => ({
  event: z.literal(`trace.${step}` as const),
  ...stamp,
  step: z.literal(step),
  atMs: count,
});
const trace = z.discriminatedUnion('event', [
  z.strictObject({ ...traced('git'), command: text, elapsedMs: ms.optional() }),
  z.strictObject({ ...traced('end'), exitCode: count }),
  z.strictObject({ ...traced('following'), ...steps.following }),
  z.strictObject({ ...traced('queueing'), ...steps.queueing }),
  z.strictObject({ ...traced('turn'), ...steps.turn }),
  z.strictObject({ ...traced('looked'), ...steps.looked }),
  z.strictObject({ ...traced('fetched'), ...steps.fetched }),
  z.strictObject({ ...traced('decided'), ...steps.decided }),
  z.strictObject({ ...traced('pushed'), ...steps.pushed }),
  z.strictObject({ ...traced('rejected'), ...steps.rejected }),
  z.strictObject({ ...traced('retrying'), ...steps.retrying }),
  z.strictObject({ ...traced('still-waiting'), ...steps['still-waiting'] }),
  z.strictObject({ ...traced('resolved'), ...steps.resolved }),
  z.strictObject({ ...traced('unreadable-task'), ...steps['unreadable-task'] }),
  z.strictObject({ ...traced('warning'), ...steps.warning }),
]);

const work = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('work.running'), ...stamp, ...job, attempt: count }),
  z.strictObject({ event: z.literal('work.checking'), ...stamp, ...job, check: text }),
  z.strictObject({ event: z.literal('work.retrying'), ...stamp, ...job, attempt: count, ...later }),
  z.strictObject({ event: z.literal('work.changed'), ...stamp, ...job, changed: names }),
  z.strictObject({ event: z.literal('work.stopping'), ...stamp, ...job, reason: text }),
  z.strictObject({ event: z.literal('work.finished'), ...stamp, ...job, outcome: text, reason: text.optional() }),
  z.strictObject({ event: z.literal('work.idle'), ...stamp, reason: text }),
  z.strictObject({ event: z.literal('work.pausing'), ...stamp, pauseMs: ms, reason: text }),
  z.strictObject({ event: z.literal('work.renewed'), ...stamp, tasks: names, commit: commit.nullable() }),
  z.strictObject({ event: z.literal('work.not-renewed'), ...stamp, tasks: names, ...later }),
  z.strictObject({ event: z.literal('work.trouble'), ...stamp, ...later }),
  z.strictObject({ event: z.literal('work.untold'), ...stamp, ...job, what: text, failures: count, ...later }),
  z.strictObject({ event: z.literal('work.unheard'), ...stamp, ...job, what: text, sinceMs: ms }),
  z.strictObject({ event: z.literal('work.no-room'), ...stamp, ...job, reason: text }),
  z.strictObject({
    event: z.literal('work.shutdown'),
    ...stamp,
    how: z.enum(['gracefully', 'at-once']),
    running: count,
  }),
  z.strictObject({ event: z.literal('work.warning'), ...stamp }),
]);

const output = z.strictObject({
  event: z.literal('command.output'),
  ...stamp,
  ...named,
  stream: z.enum(['stdout', 'stderr']),
});

/** Each line of stderr with `--log-format json`. A key that it does not know is an error. */
export const toldSchema = z.union([task, message, engine, trace, work, output]);

type Tagged = { readonly event: string };
type KeysIn<Union extends Tagged> = { [Line in Union as Line['event']]: keyof Line };
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

/** The compiler names a member of the union, or a key of one, that the schema lacks or has for itself. */
export const isWhatTheDomainSays: Same<KeysIn<z.output<typeof toldSchema>>, KeysIn<ToldLine>> = true;

/** What a line of stderr tells. @throws if it is none of the union */
export function toldBy(line: string): z.output<typeof toldSchema> {
  return toldSchema.parse(JSON.parse(line));
}

/** The keys of every event that the union has, apart from those of all. */
export function keysByEvent(): ReadonlyMap<Told['event'], readonly string[]> {
  const common = new Set<string>(['event', ...Object.keys(stamp)]);
  const shapes = [task, message, ...engine.options, ...trace.options, ...work.options, output];
  return new Map(
    shapes.flatMap(({ shape }) => {
      const events = shape.event instanceof z.ZodEnum ? shape.event.options : [...shape.event.values];
      const keys = Object.keys(shape).filter((key) => !common.has(key));
      return events.map((event) => [event, keys] as const);
    }),
  );
}
