import { isDeepStrictEqual } from 'node:util';
import { documentOf, modelOf } from '../../domain/adding/compose.ts';
import { parseDependencyEntries } from '../../domain/queue/dependency-entry.ts';
import { locationOf } from '../../domain/queue/layouts.ts';
import { type NewTask, needsIn } from '../../domain/queue/new-task.ts';
import type { Task } from '../../domain/queue/task.ts';
import { readTask } from '../codec/read-task.ts';
import { encodeTask } from '../codec/write-task.ts';

/** Fields that must come out of the file as they went in, with their names in the input. */
const COMPARED: readonly (readonly [keyof Task, string])[] = [
  ['ref', 'ref'],
  ['title', 'title'],
  ['type', 'type'],
  ['priority', 'priority'],
  ['status', 'status'],
  ['summary', 'summary'],
  ['details', 'details'],
  ['acceptanceCriteria', 'acceptance_criteria'],
  ['labels', 'labels'],
  ['batch', 'batch'],
  ['holdUntil', 'hold_until'],
  ['verify', 'verify'],
  ['blockedReason', 'blocked_reason'],
  ['claim', 'claim'],
  ['completion', 'completion'],
  ['cancellation', 'cancellation'],
  ['notes', 'notes'],
];

/** A letter first, then only characters that neither the encoder nor any reader takes for syntax. */
const PLAIN_LINE = /^\p{L}[\p{L}\p{N} .,:;!?()'/_&%+-]*$/u;
const PLAIN_TEXT = /^\p{L}[\p{L}\p{N} .,:;!?()'/_&%+\n-]*$/u;
/** Far below the limit of a task file (characters). */
const PLAIN_SIZE = 100_000;
const PLAIN_KEY = /^[A-Za-z]\w*$/;
const PLAIN_ID = /^[A-Za-z]\w*(?:-\d*)?$/;

/**
 * Whether the task's text is so ordinary that it comes back as it went in. Most text is, and writing and reading a
 * thousand tasks to find that out is most of what adding them would cost.
 */
function isPlain(task: NewTask): boolean {
  const line = (text: string | undefined): boolean => text === undefined || PLAIN_LINE.test(text);
  return (
    Object.keys(task.rest).length === 0 &&
    task.completion === undefined &&
    task.cancellation === undefined &&
    JSON.stringify(task).length < PLAIN_SIZE &&
    [task.title, task.type, task.ref, task.batch, task.holdUntil?.replace(/^\d+%? */, '')].every(line) &&
    [task.summary, task.details].every((text) => text === undefined || PLAIN_TEXT.test(text)) &&
    task.criteria.every(line) &&
    [...task.required, ...task.blocks].every((entry) => PLAIN_ID.test(entry)) &&
    Object.entries(task.labels).every(
      ([key, value]) =>
        PLAIN_KEY.test(key) && (typeof value === 'string' ? PLAIN_LINE.test(value) : Number.isInteger(value)),
    )
  );
}

/**
 * Whether other agents would read the task differently: such a task is never written, whatever a user or the encoder
 * may come up with.
 * @returns the field that comes out different, `task` if the file as a whole cannot be read; undefined if all is well
 */
export function readBackProblem(task: NewTask): string | undefined {
  return isPlain(task) ? undefined : readBackDifference(task);
}

/**
 * Writes the task as its file will be, under any name, reads that, and compares. Returns the same as
 * {@link readBackProblem}.
 */
export function readBackDifference(task: NewTask): string | undefined {
  const key = { project: task.project ?? 'project', id: task.id ?? 'TASK-1' };
  const entries = (texts: readonly string[]) => texts.flatMap((text) => parseDependencyEntries(text, 1, key.project));
  const linked = {
    task,
    key,
    location: locationOf('agents', key.project),
    required: entries(task.required),
    blocks: entries(task.blocks),
    needs: needsIn(task),
  };
  const authorship = { by: 'orchestrator', at: '2025-01-01T00:00:00Z' };
  const status = task.cancellation === undefined ? (task.status ?? 'ready') : 'cancelled';
  const bytes = Buffer.from(encodeTask(documentOf(linked, status, authorship)), 'utf8');
  const reading = readTask(bytes, { path: `${key.id}.toon`, ...key });
  if (reading.kind !== 'read') return 'task';
  const expected = modelOf(linked, status, authorship);
  for (const [field, name] of COMPARED) {
    if (!isDeepStrictEqual(reading.task[field], expected[field])) return name;
  }
  // Everything except the lines.
  const named = (list: Task['required']) => list.map(({ id, text }) => [id, text]);
  if (!isDeepStrictEqual(named(reading.task.required), named(expected.required))) return 'requires';
  if (!isDeepStrictEqual(named(reading.task.needs ?? []), named(expected.needs ?? []))) return 'needs';
  if (!isDeepStrictEqual(named(reading.task.blocks), named(expected.blocks))) return 'blocks';
  return undefined;
}
