import type { TaskEdit } from '../queue/edit.ts';
import type { Task } from '../queue/task.ts';

/** Statuses that older scripts write into the file when they claim a task; agentq leaves the line alone. */
const CLAIMED_BY_STATUS: ReadonlySet<string | undefined> = new Set(['claimed', 'in_progress', 'in-progress']);

/**
 * The edits that undo a claim in the task's file. Only a `ready` task can have been claimed, so a status that an older
 * script overwrote is known too, and without it nobody could claim the task again.
 */
export function giveBackEdits(task: Task): TaskEdit[] {
  return [
    { kind: 'remove-claim' },
    ...(CLAIMED_BY_STATUS.has(task.status) ? [{ kind: 'set-status' as const, status: 'ready' }] : []),
  ];
}

/** The edits that keep a task from being claimed until somebody frees it. */
export function blockingEdits(reason: string): TaskEdit[] {
  return [
    { kind: 'set-status', status: 'blocked' },
    { kind: 'set-blocked-reason', reason },
  ];
}
