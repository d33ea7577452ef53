import type { ChangedTask, Intent, Outcome } from '../../domain/queue/intent.ts';
import type { QueueSnapshot, TaskEntry } from '../../domain/queue/snapshot.ts';
import type { TaskState } from '../../domain/queue/task.ts';
import { unknownProject } from '../../domain/rules/unknown-names.ts';
import { failureOf } from '../../engine/base/refusal.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import type { Submitted } from '../../engine/queue/submitted.ts';
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
export function placeOf(queue: Queue): Place {
  return { branch: queue.branch, remote: queue.remote ?? null };
}

/**
 * Submits an intent, under a request of its own or under the one that the user names. What became of that one is looked up
 * first: whoever was told that a push may have landed must be able to ask without doing the same thing twice.
 */
export function submitAs(
  queue: Queue,
  context: CommandContext,
  named: string | undefined,
  intent: (request: string) => Intent,
): Promise<Submitted> {
  return named === undefined ? queue.submit(intent(context.random.id())) : queue.submit(intent(named), { again: true });
}

/** Lets the checkout follow what was pushed, where the user wants that, and says why where it did not. */
export async function followCheckout(
  queue: Queue,
  context: CommandContext,
  commit: string,
  ...changed: readonly { readonly path: string }[]
): Promise<void> {
  const notice = await queue.follow(
    commit,
    changed.map(({ path }) => path),
  );
  if (notice.kind === 'skipped' && notice.reason !== undefined) {
    context.log.info(`the checkout was not updated: ${notice.reason}`);
  }
}

/** @throws Failure `unknown-project` where a project is named that the queue does not have. */
export function requireProject(snapshot: QueueSnapshot, project: string | undefined): void {
  const refusal = unknownProject(project, snapshot.projects.keys());
  if (refusal) throw failureOf(refusal);
}

/** A task as answers about several of them list it. */
export function taskLine({ key, title, path }: ChangedTask): TaskLine {
  return { project: key.project, task: key.id, title: title ?? null, path };
}

/** The engine answered an intent with the outcome of another kind: a defect of ours. */
export function unexpectedOutcome(outcome: Outcome): Error {
  return new Error(`unexpected outcome ${outcome.kind}`);
}

/** All states: for commands that show everything. */
export const EVERY_STATE: ReadonlySet<TaskState> = new Set<TaskState>(['ready', 'claimed', 'completed']);

/** Reports a task file that cannot be read. */
export function warnUnreadable(context: CommandContext, entry: TaskEntry): void {
  if (entry.reading.kind !== 'unreadable') return;
  const { line, message } = entry.reading;
  context.log.event({ kind: 'unreadable-task', file: entry.path, line, message });
}
