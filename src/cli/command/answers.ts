import type { ChangedTask } from '../../domain/queue/intent.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import type { TaskState } from '../../domain/queue/task.ts';
import { unknownProject } from '../../domain/rules/unknown-names.ts';
import { failureOf } from '../../engine/base/refusal.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import type { CommandContext } from './context.ts';

/** Where a queue is. `remote` is null in local mode. */
export interface Place {
  readonly branch: string;
  readonly remote: string | null;
}

/** A task that a command changed. */
export interface TaskLine {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  /** Where its file is now. */
  readonly path: string;
}

/** Branch and remote as answers name them. */
export function placeOf({ place }: Queue): Place {
  return { branch: place.branch, remote: place.remote ?? null };
}

/** @throws Failure `unknown-project` if the queue does not have the named project */
export function requireProject(snapshot: QueueSnapshot, project: string | undefined): void {
  const refusal = unknownProject(project, snapshot.projects.keys());
  if (refusal) throw failureOf(refusal);
}

/** A task as a line of an answer. */
export function taskLine({ key, title, path }: ChangedTask): TaskLine {
  return { project: key.project, task: key.id, title: title ?? null, path };
}

/** All states: for commands that show everything. */
export const EVERY_STATE: ReadonlySet<TaskState> = new Set<TaskState>(['ready', 'claimed', 'completed']);

/** States of which something can still be done. Completed tasks are then known by name: most of an old queue is. */
export const OPEN_STATES: ReadonlySet<TaskState> = new Set<TaskState>(['ready', 'claimed']);

/** Reports a task file that cannot be read. */
export function warnUnreadable(context: CommandContext, entry: TaskEntry): void {
  if (entry.reading.kind !== 'unreadable') return;
  const { line, message } = entry.reading;
  context.log.event({ kind: 'unreadable-task', file: entry.path, line, message });
}
