import type { HeldTask } from '../../../domain/figures/held-tasks.ts';
import type { Place } from '../../command/answers.ts';

/** A task that the agent holds; null: nothing tells. */
export interface PrimedTask {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly claimId: string | null;
  readonly claimedAt: string | null;
  readonly lastHeartbeat: string | null;
  /** When the next heartbeat must have come: then anybody may take the task. null in review, which needs none. */
  readonly heartbeatDue: string | null;
  readonly state: HeldTask['condition'];
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
