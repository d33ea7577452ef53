import { documentOf, modelOf } from '../../domain/adding/compose.ts';
import type { NewTask } from '../../domain/adding/new-task.ts';
import { parseDependencyEntries } from '../../domain/dependency-entry.ts';
import { locationOf } from '../../domain/layouts.ts';
import type { Task } from '../../domain/task.ts';
import { readTask } from '../codec/read-task.ts';
import { encodeTask } from '../codec/write-task.ts';

/** Fields that must come out of the file as they went in, with the names that the input has for them. */
const COMPARED: readonly (readonly [keyof Task, string])[] = [
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
  ['blockedReason', 'blocked_reason'],
  ['claim', 'claim'],
  ['completion', 'completion'],
];

/**
 * Writes the task as its file will be, under a name of no matter, and reads that: whatever a user, or the encoder, may come
 * up with, a task that other agents would read differently is never written.
 * @returns the field that comes out different, `task` where the file as a whole cannot be read; undefined where all is well
 */
export function readBackProblem(task: NewTask): string | undefined {
  const key = { project: task.project ?? 'project', id: task.id ?? 'TASK-1' };
  const entries = (texts: readonly string[]) => texts.flatMap((text) => parseDependencyEntries(text, 1, key.project));
  const linked = {
    task,
    key,
    location: locationOf('agents', key.project),
    required: entries(task.required),
    blocks: entries(task.blocks),
  };
  const authorship = { by: 'orchestrator', at: '2025-01-01T00:00:00Z' };
  const status = task.status ?? 'ready';
  const bytes = Buffer.from(encodeTask(documentOf(linked, status, authorship)), 'utf8');
  const reading = readTask(bytes, { path: `${key.id}.toon`, ...key });
  if (reading.kind !== 'read') return 'task';
  const expected = modelOf(linked, status, authorship);
  for (const [field, name] of COMPARED) {
    if (canonical(reading.task[field]) !== canonical(expected[field])) return name;
  }
  const texts = (list: Task['required']) => canonical(list.map(({ id, text }) => [id ?? '', text]));
  if (texts(reading.task.required) !== texts(expected.required)) return 'requires';
  if (texts(reading.task.blocks) !== texts(expected.blocks)) return 'blocks';
  return undefined;
}

/** Keys in order, so that two equal values have one text. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
