import type { TaskCounts } from '../figures/queue-stats.ts';
import type { AgentState } from '../figures/roster.ts';
import type { TaskEventKind } from '../past/task-event.ts';
import type { Scalar, TaskCondition } from '../queue/task.ts';

/**
 * What the dashboard shows of a queue: one JSON document, which `agentq dashboard --json` prints, the page gets, and an
 * exported report contains. Times are ISO 8601 UTC in whole seconds, durations are ms. null: not known.
 */
export interface Board {
  readonly branch: string;
  /** null in local mode. */
  readonly remote: string | null;
  readonly tip: string;
  /** When the queue was read. */
  readonly time: string;
  /** What the charts, the timelines and the figures are about: from `--since` to `time`. */
  readonly window: { readonly from: string; readonly to: string };
  /** The time from which a shallow clone knows the history; null if it knows all of the window. */
  readonly knownFrom: string | null;
  /** A claim without a sign of its owner for this long is stalled. */
  readonly stalledAfterMs: number;
  readonly paused: readonly BoardPause[];
  /** In natural order. The counts are those of `agentq status`. */
  readonly projects: readonly BoardProject[];
  readonly all: BoardCounts;
  /** Each once: those that can be claimed first in front, then by state; what is completed last, newest first. */
  readonly tasks: readonly BoardTask[];
  /** By state, then in natural order. The counts are those of `agentq agents`. */
  readonly agents: readonly BoardAgent[];
  /** Newest first, without heartbeats: at most {@link MOST_EVENTS}. */
  readonly events: readonly BoardEvent[];
  readonly series: BoardSeries;
}

/** Most events of a board. */
export const MOST_EVENTS = 200;

export interface BoardPause {
  /** null: the whole queue. */
  readonly project: string | null;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

export interface BoardCounts extends TaskCounts {
  /** Share of the tasks that are not cancelled: a whole number, rounded down. */
  readonly percent: number;
}

export interface BoardProject extends BoardCounts {
  readonly project: string;
  readonly batches: readonly {
    readonly batch: string;
    readonly completed: number;
    readonly total: number;
    readonly percent: number;
  }[];
}

/** A task as a card of the board. What its file says in full is asked for when it is opened. */
export interface BoardTask {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly state: TaskCondition;
  readonly isStalled: boolean;
  readonly type: string | null;
  readonly priority: number | null;
  readonly labels: Readonly<Record<string, Scalar>>;
  readonly batch: string | null;
  /** `project/TASK-ID` of all that it requires. */
  readonly requires: readonly string[];
  /** `project/TASK-ID` of those that are not complete. */
  readonly waitingFor: readonly string[];
  /** Who holds it, or who completed it. */
  readonly agent: string | null;
  /** Since when it is in this state, if the file or the window's history tells. */
  readonly since: string | null;
  /** What it asks, or why it is blocked or cancelled. */
  readonly about: string | null;
  readonly prUrl: string | null;
  readonly failures: number;
  readonly stalls: number;
}

/** An agent, what it does, and what it did in the window. */
export interface BoardAgent {
  readonly agent: string;
  readonly state: AgentState;
  readonly isStalled: boolean;
  /** `project/TASK-ID` of the task that it is at work on. */
  readonly task: string | null;
  readonly title: string | null;
  readonly since: string | null;
  readonly lastSeen: string | null;
  readonly machine: string | null;
  readonly claims: number;
  readonly completions: number;
  readonly releases: number;
  readonly failures: number;
  readonly stalls: number;
  readonly reviews: number;
  readonly meanTaskMs: number | null;
  /** What it had in the window, oldest first. Between spans it had nothing. */
  readonly spans: readonly BoardSpan[];
}

/** A time in which an agent had a task. */
export interface BoardSpan {
  /** `project/TASK-ID` */
  readonly task: string;
  /** null: before the window. */
  readonly from: string | null;
  /** null: it still has it. */
  readonly to: string | null;
  readonly end: 'completed' | 'review' | 'released' | 'failed' | 'asked' | 'stalled' | 'taken' | 'other' | 'open';
}

export interface BoardEvent {
  readonly event: TaskEventKind;
  readonly time: string;
  readonly project: string | null;
  readonly task: string | null;
  readonly title: string | null;
  readonly agent: string;
  readonly commit: string;
  /** The reason, note, answer or question. */
  readonly text: string | null;
}

/** Figures over time, of the whole queue and of each project. */
export interface BoardSeries {
  readonly from: string;
  /** Length of a part. */
  readonly stepMs: number;
  readonly parts: number;
  readonly all: SeriesFigures;
  readonly projects: Readonly<Record<string, SeriesFigures>>;
}

/** One value for each part, the oldest first; null: nothing happened in it from which to compute it. */
export interface SeriesFigures {
  readonly claims: readonly number[];
  readonly completions: readonly number[];
  readonly failures: readonly number[];
  readonly stalls: readonly number[];
  /** Share (0 to 1) of pushes that were rejected. */
  readonly conflictRate: readonly (number | null)[];
  readonly latencyP50: readonly (number | null)[];
  readonly latencyP95: readonly (number | null)[];
  /** From the claim to the completion or the review. */
  readonly workP50: readonly (number | null)[];
  /** From the commit that added the task to its completion, for tasks that were added in the window. */
  readonly leadP50: readonly (number | null)[];
  /** Tasks that are not cancelled, and completed ones, at the end of each part: the last is what the tree has now. */
  readonly scope: readonly number[];
  readonly done: readonly number[];
  readonly totals: SeriesTotals;
}

/** The same figures over the whole window, as `agentq metrics` has them. */
export interface SeriesTotals {
  readonly claims: number;
  readonly completions: number;
  readonly failures: number;
  readonly stalls: number;
  readonly conflictRate: number | null;
  readonly latencyP50: number | null;
  readonly latencyP95: number | null;
  readonly workP50: number | null;
  readonly leadP50: number | null;
  readonly tasksPerHour: number | null;
  /** The rate of the last two hours, or since the work began within them; null: nothing was completed then. */
  readonly pace: { readonly perHour: number; readonly from: string } | null;
  /** Until everything open is done at this pace, or else at `tasksPerHour`; null: nothing is completed. */
  readonly leftMs: number | null;
}

/** What changed between two boards, in the form that the page gets. What is absent has not changed. */
export interface BoardChange extends Partial<Omit<Board, 'tasks' | 'agents' | 'events' | 'series'>> {
  /** By `project/TASK-ID`. */
  readonly tasks?: ListChange<BoardTask>;
  /** By id, with the spans apart. */
  readonly agents?: ListChange<Omit<BoardAgent, 'spans'>>;
  /** Of agents whose spans are different: old ones of which the first are gone, and new ones after them. */
  readonly spans?: Readonly<Record<string, SpansChange>>;
  /** New ones, the newest first, and how many of the newest old ones follow them. */
  readonly events?: { readonly added: readonly BoardEvent[]; readonly kept: number };
  readonly series?: SeriesChange;
}

/** The old spans from `from` on, as many as `kept`, and then those that were added. */
export interface SpansChange {
  readonly from: number;
  readonly kept: number;
  readonly added: readonly BoardSpan[];
}

/** How a list of things changed, each of which has a name and is in it once. */
export interface ListChange<One> {
  /** What is new or different. */
  readonly changed: readonly One[];
  /** Names of those that are not in it any more. */
  readonly gone: readonly string[];
  /**
   * New ones, and old ones that have another place, in the new order, each with the one before it (null: it is the
   * first).
   */
  readonly placed: readonly { readonly name: string; readonly after: string | null }[];
}

/** The lists that are different, as they are now. */
export interface SeriesChange extends Partial<Pick<BoardSeries, 'from' | 'stepMs' | 'parts'>> {
  readonly all?: Partial<SeriesFigures>;
  /** null: the project is gone. */
  readonly projects?: Readonly<Record<string, Partial<SeriesFigures> | null>>;
}

/** A task that was opened. */
export interface BoardTaskDetails {
  readonly project: string;
  readonly task: string;
  readonly path: string;
  /** Its file as it is. */
  readonly text: string;
  readonly description: string | null;
  readonly acceptanceCriteria: readonly string[];
  readonly notes: readonly { readonly at: string; readonly agent: string; readonly text: string }[];
  readonly questions: readonly {
    readonly at: string;
    readonly agent: string;
    readonly text: string;
    readonly answer: { readonly at: string; readonly agent: string; readonly text: string } | null;
  }[];
  /** Its log, newest first. */
  readonly events: readonly BoardEvent[];
}
