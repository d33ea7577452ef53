import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import type { Task, TaskView } from '../queue/task.ts';
import { viewOf } from '../rules/task-view.ts';

/** A task with everything that agentq reads from its file: what `agentq export` writes, and `import agentq` takes. */
export interface ExportedTask extends TaskView {
  /** Its name in a plan, or in the tracker that it came from. */
  readonly ref: string | null;
  readonly summary: string | null;
  readonly details: string | null;
  readonly acceptanceCriteria: readonly string[];
  /** Entries as they are written, with their remarks. */
  readonly dependencies: { readonly required: readonly string[]; readonly blocks: readonly string[] };
  readonly needs: readonly string[];
  readonly touches: readonly string[];
  readonly verify: readonly string[];
  readonly batch: string | null;
  readonly holdUntil: string | null;
  readonly blockedReason: string | null;
  readonly cancellation: {
    readonly cancelledAt: string | null;
    readonly cancelledBy: string | null;
    readonly reason: string | null;
  } | null;
}

/** The task as an export has it. */
export function exportedTask(state: QueueState, entry: TaskEntry, task: Task): ExportedTask {
  const texts = (entries: Task['required']): string[] => entries.map(({ text }) => text);
  const { cancellation } = task;
  return {
    ...viewOf(state, entry),
    ref: task.ref ?? null,
    summary: task.summary ?? null,
    details: task.details ?? null,
    acceptanceCriteria: task.acceptanceCriteria,
    dependencies: { required: texts(task.required), blocks: texts(task.blocks) },
    needs: texts(task.needs ?? []),
    touches: task.touches ?? [],
    verify: task.verify ?? [],
    batch: task.batch ?? null,
    holdUntil: task.holdUntil ?? null,
    blockedReason: task.blockedReason ?? null,
    cancellation:
      cancellation === undefined
        ? null
        : {
            cancelledAt: cancellation.cancelledAt ?? null,
            cancelledBy: cancellation.cancelledBy ?? null,
            reason: cancellation.reason ?? null,
          },
  };
}

/** Summary and details as one text, for trackers that do not have the two. */
export function wholeText({ summary, details }: Pick<ExportedTask, 'summary' | 'details'>): string {
  return [summary, details].filter((part) => part !== null).join('\n\n');
}
