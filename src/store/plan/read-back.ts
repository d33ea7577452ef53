import { isDeepStrictEqual } from 'node:util';
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
    if (!isDeepStrictEqual(reading.task[field], expected[field])) return name;
  }
  // All but the lines.
  const named = (list: Task['required']) => list.map(({ id, text }) => [id, text]);
  if (!isDeepStrictEqual(named(reading.task.required), named(expected.required))) return 'requires';
  if (!isDeepStrictEqual(named(reading.task.blocks), named(expected.blocks))) return 'blocks';
  return undefined;
}
