import type { Scalar, TaskState } from '../../../domain/queue/task.ts';
import type { Place } from '../../command/answers.ts';

/** A claim as the task file has it. */
export interface ClaimView {
  readonly claimedBy: string | null;
  readonly claimedAt: string | null;
  readonly lastHeartbeat: string | null;
  readonly attempt: number | null;
  readonly claimId: string | null;
}

export interface DependencyView {
  /** null if the entry names no task. */
  readonly id: string | null;
  readonly text: string;
}

/** The model that agentq reads in a task file. */
export interface TaskView {
  readonly title: string | null;
  readonly type: string | null;
  readonly priority: number;
  readonly status: string | null;
  readonly summary: string | null;
  readonly details: string | null;
  readonly acceptanceCriteria: readonly string[];
  /** Shell commands that must succeed before it is done. */
  readonly verify: readonly string[];
  readonly dependencies: { readonly required: readonly DependencyView[]; readonly blocks: readonly DependencyView[] };
  readonly labels: Readonly<Record<string, Scalar>>;
  readonly batch: string | null;
  readonly holdUntil: string | null;
  readonly blockedReason: string | null;
  readonly claim: ClaimView | null;
  readonly completion: {
    readonly status: string | null;
    readonly completedAt: string | null;
    readonly completedBy: string | null;
    readonly prUrl: string | null;
  } | null;
}

export interface ShowResult extends Place {
  readonly project: string;
  readonly task: string;
  readonly state: TaskState;
  readonly path: string;
  readonly tip: string;
  /** Ids of required tasks that are not complete. */
  readonly waitingFor: readonly string[];
  /** null if only the text was asked for. */
  readonly model: TaskView | null;
  /** The bytes of the file; never part of the JSON document. */
  readonly bytes: Uint8Array;
}
