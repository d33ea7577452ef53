import type { LimitStats, TouchStats } from '../../../domain/figures/held-back.ts';
import type { HoldStats, TaskCounts } from '../../../domain/figures/queue-stats.ts';
import type { ActivityKind } from '../../../domain/past/activity.ts';
import type { Place } from '../../command/answers.ts';

/** A project on the dashboard. Every task is counted once; `stalled` is a part of `inProgress`. */
export interface ProjectView extends TaskCounts {
  readonly project: string;
  /** Share of the tasks that are not cancelled: a whole number, rounded down. */
  readonly percent: number;
  readonly batches: readonly BatchView[];
}

export interface BatchView {
  readonly batch: string;
  readonly completed: number;
  readonly total: number;
  readonly percent: number;
  /** The tasks that wait for a share of it. */
  readonly holds: readonly HoldStats[];
}

export interface PauseView {
  readonly project: string | null;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** Something that happened in the queue. */
export interface EventView {
  readonly time: string;
  readonly event: ActivityKind;
  readonly agent: string;
  readonly tasks: readonly string[];
  /** Larger than the number of `tasks` if an older script only counted them. */
  readonly count: number;
  readonly commit: string;
}

export interface StatusResult extends Place {
  readonly tip: string;
  /** Of each branch, if projects live on several; `tip` is that of the main one. */
  readonly tips?: Readonly<Record<string, string>>;
  readonly time: string;
  /** What is paused: nothing is claimed of it. `project` is null for the whole queue. */
  readonly paused: readonly PauseView[];
  readonly projects: readonly ProjectView[];
  readonly all: TaskCounts & { readonly percent: number };
  /** The limits of the pool (`limits` in the settings on the branch) that concern what is shown. */
  readonly limits: readonly LimitStats[];
  /** Claimed tasks that keep ready ones from being claimed, since both may change the same files (`touches`). */
  readonly inTheWay: readonly TouchStats[];
  /** Newest first. */
  readonly recent: readonly EventView[];
  /** The answer, if another format was asked for. */
  readonly presentation?: { readonly text: string };
}

/** With `--watch`, everything was shown as it happened. */
export interface Shown {
  readonly presentation: 'shown';
}
