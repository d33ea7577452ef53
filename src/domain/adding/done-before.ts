import { given } from '../base/given.ts';
import { requiredKey } from '../queue/dependency-entry.ts';
import type { SetField, TaskChange } from '../queue/edit.ts';
import type { NewStatus, NewTask } from '../queue/new-task.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import { NO_FAILURES, type TaskEntry } from '../queue/snapshot.ts';
import { type DependencyEntry, formatKey, type TaskKey } from '../queue/task.ts';
import { isNotYetOpen, openChange } from '../rules/readiness.ts';
import type { LinkedTask } from './link.ts';

/** Tasks of the input that were completed before they came here, as `project/TASK-ID`. */
export type DoneBefore = ReadonlySet<string>;

/** Whether the task was completed before it came here. */
export function isDoneBefore({ completion }: NewTask): boolean {
  return completion !== undefined;
}

/** The names of the input's tasks that were completed before. */
export function doneBefore(tasks: readonly LinkedTask[]): DoneBefore {
  return new Set(tasks.filter(({ task }) => isDoneBefore(task)).map(({ key }) => formatKey(key)));
}

/** The status of a task by what it requires. One that is complete waits for nothing. */
export function statusOf(state: QueueState, { task, key, required }: LinkedTask, done: DoneBefore): NewStatus {
  return isDoneBefore(task) || areMet(state, key, required, done) ? 'ready' : 'blocked';
}

/** Whether the task requires one that was completed before it came here. */
export function waitedFor({ key, required }: LinkedTask, done: DoneBefore): boolean {
  return required.some(({ id }) => id !== undefined && done.has(formatKey(requiredKey(id, key.project))));
}

/** Moves a ready task to the completed folder: it was done elsewhere. Nobody holds a claim of it. */
export function completionChange(
  state: QueueState,
  entry: TaskEntry,
  updates: readonly SetField[],
  { at, by, prUrl }: NonNullable<NewTask['completion']>,
): TaskChange {
  const completion = { completedAt: at, ...given({ completedBy: by, prUrl }) };
  return {
    key: entry.key,
    from: 'ready',
    to: 'completed',
    fromPath: entry.path,
    toPath: pathIn(entry, 'completed'),
    edits: [...updates, { kind: 'append-completion', completion }],
    stalls: 0,
    ...(state.failures(entry.key).count === 0 ? {} : { failures: NO_FAILURES }),
  };
}

/** Opens the other tasks that waited for these alone, as `complete` does. */
export function openings(state: QueueState, changed: readonly TaskChange[]): readonly TaskChange[] {
  const done = new Set(changed.filter(({ to }) => to === 'completed').map(({ key }) => formatKey(key)));
  if (done.size === 0) return [];
  const touched = new Set(changed.map(({ key }) => formatKey(key)));
  const opened: TaskChange[] = [];
  for (const entry of state.inState('ready')) {
    const { key, reading } = entry;
    if (touched.has(formatKey(key)) || !isNotYetOpen(entry)) continue;
    if (reading.kind !== 'read' || reading.task.holdUntil !== undefined) continue;
    const required = state.requirements(entry);
    const waited = required.some(({ id }) => id !== undefined && done.has(formatKey(requiredKey(id, key.project))));
    if (waited && areMet(state, key, required, done)) opened.push(openChange(entry));
  }
  return opened;
}

function areMet(
  state: QueueState,
  { project }: TaskKey,
  required: readonly DependencyEntry[],
  done: DoneBefore,
): boolean {
  return required.every(({ id }) => {
    if (id === undefined) return true;
    const key = requiredKey(id, project);
    return done.has(formatKey(key)) || state.isCompleted(key);
  });
}
