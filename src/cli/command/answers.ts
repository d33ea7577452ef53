import { approximateDuration } from '../../domain/base/duration.ts';
import { Failure } from '../../domain/base/failure.ts';
import { authorFrom } from '../../domain/base/names.ts';
import type { ChangedTask, TakenFrom } from '../../domain/intents/outcome.ts';
import type { QueueState } from '../../domain/queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import type { Task, TaskState, TaskView } from '../../domain/queue/task.ts';
import { descriptionOf, viewOf } from '../../domain/rules/task-view.ts';
import { unknownProject } from '../../domain/rules/unknown-names.ts';
import { failureOf } from '../../engine/base/refusal.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import type { ReadQueue } from '../../engine/queue/reader.ts';
import type { CommandContext } from './context.ts';
import { usage } from './usage.ts';

/** Where a queue is. `remote` is null in local mode. */
export interface Place {
  readonly branch: string;
  readonly remote: string | null;
}

/** A task that a command changed, as it is now. */
export type TaskLine = Pick<TaskView, 'project' | 'task' | 'title' | 'path'> & Partial<TaskView>;

/** What there is to do, for answers about one task. */
export interface TaskDetails {
  /** Summary and details; null if the file has neither. */
  readonly description: string | null;
  readonly acceptanceCriteria: readonly string[];
}

/** The task as the file has it, in the form of every answer, and what there is to do. */
export function taskDetails(state: QueueState, entry: TaskEntry, task: Task): TaskView & TaskDetails {
  const { acceptanceCriteria } = task;
  return { ...viewOf(state, entry), description: descriptionOf(task), acceptanceCriteria };
}

/** Branch and remote as answers name them. */
export function placeOf({ place }: Queue): Place {
  return { branch: place.branch, remote: place.remote ?? null };
}

/** Where each branch was when it was read; nothing if there is only one. */
export function tipsOf({ branches }: ReadQueue): { readonly tips?: Readonly<Record<string, string>> } {
  return branches === undefined ? {} : { tips: Object.fromEntries(branches.tips) };
}

/** @throws Failure `unknown-project` if the queue does not have the named project */
export function requireProject(snapshot: QueueSnapshot, project: string | undefined): void {
  const branch = project === undefined || snapshot.projects.has(project) ? undefined : snapshot.otherBranch?.(project);
  if (branch !== undefined) {
    throw new Failure('unknown-project', `${project} lives on the branch ${branch}`, {
      hint: `name that branch, or none: the settings say where projects live`,
    });
  }
  const refusal = unknownProject(project, snapshot.projects.keys());
  if (refusal) throw failureOf(refusal);
}

/** A task as a line of an answer. */
export function taskLine({ key, title, path, view }: ChangedTask): TaskLine {
  return { project: key.project, task: key.id, title: title ?? null, path, ...view };
}

/**
 * Who acts where no agent is named: the user, by the name that git has.
 * @param what completes "it is not known who ..."
 * @throws Failure `usage` if git has no name
 */
export async function userOf(queue: Queue, what: string): Promise<string> {
  const name = authorFrom((await queue.userName()) ?? '');
  if (name !== undefined) return name;
  throw usage(`it is not known who ${what}`, 'name an agent with --agent, or tell git who you are (user.name)');
}

/** Whose stalled claim was taken, as messages say it. */
export function describeTaking({ agent, silentMs }: TakenFrom): string {
  return `taken from ${agent ?? 'its agent'}, silent for ${approximateDuration(silentMs)}`;
}

/** All states: for commands that show everything. */
export const EVERY_STATE: ReadonlySet<TaskState> = new Set<TaskState>(['ready', 'claimed', 'completed']);

/** States in which something can still be done. Completed tasks, most of an old queue, are then known only by name. */
export const OPEN_STATES: ReadonlySet<TaskState> = new Set<TaskState>(['ready', 'claimed']);

/** Reports a task file that cannot be read. */
export function warnUnreadable(context: CommandContext, entry: TaskEntry): void {
  if (entry.reading.kind !== 'unreadable') return;
  const { line, message } = entry.reading;
  context.log.event({ kind: 'unreadable-task', file: entry.path, line, message });
}
