import type { EventView } from '../../../domain/past/event-view.ts';
import type { TaskFailure } from '../../../domain/queue/snapshot.ts';
import type { ClaimView, CompletionView, TaskView } from '../../../domain/queue/task.ts';
import type { Place, TaskDetails } from '../../command/answers.ts';

export interface DependencyView {
  /** null if the entry names no task. */
  readonly id: string | null;
  readonly text: string;
}

/** What only `show` says about a task, besides what every answer says. */
export interface ShownTask extends TaskView, TaskDetails {
  readonly summary: string | null;
  readonly details: string | null;
  /** Shell commands that must succeed before it is done. */
  readonly verify: readonly string[];
  readonly dependencies: { readonly required: readonly DependencyView[]; readonly blocks: readonly DependencyView[] };
  /** What an agent must be able to do. */
  readonly needs: readonly string[];
  readonly batch: string | null;
  readonly holdUntil: string | null;
  readonly blockedReason: string | null;
  /** What is known of its cancellation; null if it is not cancelled. */
  readonly cancellation: {
    readonly cancelledAt: string | null;
    readonly cancelledBy: string | null;
    readonly reason: string | null;
  } | null;
  /** The last times that a worker's command for it failed, oldest first; none once it was freed or completed. */
  readonly lastFailures: readonly TaskFailure[];
  /** The last times that it was given back or taken back, oldest first, as far as the last commits tell. */
  readonly lastReleases: readonly EventView[];
  /** Since when the work waits to be merged, and where; null if it does not. */
  readonly review: { readonly since: string; readonly prUrl: string | null } | null;
  readonly claim: (ClaimView & { readonly claimedBy: string | null }) | null;
  readonly completion:
    | (CompletionView & { readonly status: string | null; readonly completedBy: string | null })
    | null;
}

export interface ShowResult extends Place {
  readonly project: string;
  readonly task: string;
  readonly path: string;
  readonly tip: string;
  /** null if only the text was asked for. */
  readonly model: ShownTask | null;
  /** The bytes of the file; never part of the JSON document. */
  readonly bytes: Uint8Array;
}
