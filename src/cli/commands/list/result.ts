import type { TaskState } from '../../../domain/queue/task.ts';
import type { Place } from '../../command/answers.ts';

/** A line of the list. */
export interface ListedTask {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly priority: number | null;
  readonly type: string | null;
  readonly state: TaskState;
  /**
   * `ready` (claimable), `waiting` (for dependencies), `claimed`, `completed`, `unreadable`, `two-states`, or the
   * file's.
   */
  readonly status: string;
  readonly owner: string | null;
  readonly claimId: string | null;
  readonly lastHeartbeat: string | null;
  /** null if no heartbeat can be read. */
  readonly heartbeatAgeMs: number | null;
  readonly waitingFor: readonly string[];
  readonly path: string;
}

export interface ListResult extends Place {
  readonly tip: string;
  readonly tasks: readonly ListedTask[];
  /** How many tasks are left out because they are completed and nobody asked for such tasks. They were not read. */
  readonly completedLeftOut: number;
}
