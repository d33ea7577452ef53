import type { Severity } from '../base/finding.ts';
import { formatHold, neededFor, parseHold } from '../queue/batches.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry, TaskLines } from '../queue/snapshot.ts';
import { formatKey, type Task } from '../queue/task.ts';
import { ReadinessJudge } from '../rules/readiness.ts';

/** What in a task itself keeps it from ever being claimed, until somebody fixes it. */
export interface OwnBlocker {
  /** An error if it can only be a mistake; a warning if somebody may have wanted it so. */
  readonly severity: Severity;
  /** Completes "the task ...". */
  readonly words: string;
  readonly hint: string;
  readonly line: number | undefined;
}

/** Statuses that make sense only in the other two folders. */
const MISPLACED: ReadonlySet<string> = new Set(['claimed', 'completed']);

/**
 * @returns a function that finds the blocker in a task, given as every place it is in. It does not look at
 * dependencies.
 */
export function ownBlocker(state: QueueState): (places: readonly TaskEntry[]) => OwnBlocker | undefined {
  const judge = new ReadinessJudge(state);
  const blocker = (severity: Severity, words: string, hint: string, line?: number): OwnBlocker => ({
    severity,
    words,
    hint,
    line,
  });

  function ofHold(project: string, task: Task, line: number | undefined): OwnBlocker | undefined {
    if (task.holdUntil === undefined || task.status === 'ready') return undefined;
    const parsed = parseHold(task.holdUntil);
    if (parsed.kind === 'problem') {
      const words = `is held until something that cannot be understood: ${parsed.problem}`;
      return blocker('error', words, 'write it like "80% of foundation"', line);
    }
    const { hold } = parsed;
    const total = judge.batches(project).get(hold.batch)?.total ?? 0;
    if (total === 0) {
      const words = `is held until ${formatHold(hold)}, and no task is in that batch`;
      return blocker('warning', words, 'correct the name, or add the tasks of the batch', line);
    }
    if (task.batch === hold.batch && neededFor(hold, total) > total - 1) {
      const words = `is held until ${formatHold(hold)}, which includes the task itself`;
      return blocker('error', words, 'name another batch, or a smaller share', line);
    }
    return undefined;
  }

  return (places) => {
    const [entry, second] = places;
    if (entry === undefined) return undefined;
    if (second !== undefined) return blocker('error', 'is in two places at once', 'remove all but one of the files');
    if (entry.reading.kind === 'unreadable') return blocker('error', 'is unreadable', 'fix its file');
    if (entry.state !== 'ready' || entry.reading.kind !== 'read') return undefined;
    const { task, lines } = entry.reading;
    const { status } = task;
    if (status === undefined || MISPLACED.has(status)) {
      const words = `has ${status === undefined ? 'no status' : `status ${status} in the folder of ready tasks`}`;
      return blocker('error', words, 'set its status to ready', lineOf(lines));
    }
    const readiness = judge.readinessOf(entry);
    if (readiness === 'cancelled') {
      const name = formatKey(entry.key);
      const words = `is cancelled${because(task.cancellation?.reason)}`;
      return blocker('note', words, `\`agentq reopen ${name}\`, or drop the requirement`, lineOf(lines));
    }
    if (readiness === 'blocked') {
      const name = formatKey(entry.key);
      const words = `has status ${status}${reasonOf(task, status)}`;
      return blocker('warning', words, `\`agentq unblock --task ${name}\` frees it`, lineOf(lines));
    }
    return ofHold(entry.key.project, task, lines?.holdUntil ?? lineOf(lines));
  };
}

function reasonOf(task: Task, status: string): string {
  if (task.blockedReason !== undefined) return because(task.blockedReason);
  const isNotYet = status === 'blocked' || status === 'pending';
  return isNotYet ? ', and waits for no task' : ', which only a person changes';
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason.replace(/\s+/g, ' ')}`;
}

function lineOf(lines: TaskLines | undefined): number | undefined {
  return lines?.status ?? lines?.task;
}
