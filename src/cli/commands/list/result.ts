import type { TaskFailure } from '../../../domain/queue/snapshot.ts';
import type { TaskView } from '../../../domain/queue/task.ts';
import type { Place } from '../../command/answers.ts';

/** A line of the list. */
export interface ListedTask extends TaskView {
  /** Why nobody can do anything with it, whatever its file says; null for nearly every task. */
  readonly problem: 'unreadable' | 'two-states' | null;
  /** Why a worker's command for it failed last, and when; null if none has since it was freed. */
  readonly lastFailure: TaskFailure | null;
  /** Why somebody or the queue has blocked it, as the file says. */
  readonly blockedReason: string | null;
  /**
   * What keeps it from being claimed though it is ready: `limit total (20 of 20 claimed)`, or a claimed task that may
   * change the same files, `auth/T-1 (touches src/auth/**)`.
   */
  readonly heldBackBy: string | null;
  /** Who works on it or has completed it. */
  readonly owner: string | null;
  readonly claimId: string | null;
  readonly lastHeartbeat: string | null;
  /** null if there is no heartbeat that can be read. */
  readonly heartbeatAgeMs: number | null;
}

export interface ListResult extends Place {
  readonly tip: string;
  /** Of each branch, if projects live on several; `tip` is that of the main one. */
  readonly tips?: Readonly<Record<string, string>>;
  readonly tasks: readonly ListedTask[];
  /** How many completed tasks are left out because nobody asked for them. They were not read. */
  readonly completedLeftOut: number;
  /** How many cancelled tasks are left out because nobody asked for them. */
  readonly cancelledLeftOut: number;
  readonly presentation: ListPresentation;
}

/** What only the text shows. */
export interface ListPresentation {
  /** When the queue was read, ms since the epoch. */
  readonly now: number;
  /** `project/TASK-ID` of those whose owner has not been heard of for too long. */
  readonly stalled: ReadonlySet<string>;
  /** The question that a task asks, or why it was cancelled, by `project/TASK-ID`. */
  readonly why: ReadonlyMap<string, string>;
  /** Where agents work, by agent, if they have signed in. */
  readonly machines: ReadonlyMap<string, string>;
}
