import type { Place } from '../../command/answers.ts';
import type { HeldTaskView } from '../../presence/held-task-view.ts';

/** A task that the agent holds. */
export interface PrimedTask extends HeldTaskView {
  /** When the next heartbeat must have come: then anybody may take the task. null in review, which needs none. */
  readonly heartbeatDue: string | null;
}

/** What the agent would get now. */
export interface NextTask {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly priority: number;
}

export interface PrimeResult extends Place {
  readonly time: string;
  /** null: nobody has said who it is. */
  readonly agent: string | null;
  /** `work`: `agentq work` has claimed the task, renews it and ends it. */
  readonly worker: 'work' | null;
  /** The one that it is to work on first. */
  readonly holds: readonly PrimedTask[];
  /** null: there is nothing to claim, or it is not for the agent to claim. */
  readonly next: NextTask | null;
  /** Why there is nothing to claim; null: there is, or it is not for the agent to claim. */
  readonly nothing: string | null;
  readonly commands: readonly { readonly command: string; readonly does: string }[];
  readonly exitCodes: readonly { readonly codes: readonly number[]; readonly means: string }[];
}
