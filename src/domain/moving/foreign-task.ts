import type { DataMap, NewTask } from '../queue/new-task.ts';
import type { Scalar } from '../queue/task.ts';

/** The trackers that tasks can be moved from. */
export const TRACKERS = ['github', 'beads', 'backlog', 'taskmaster', 'pm', 'markdown', 'agentq'] as const;

export type Tracker = (typeof TRACKERS)[number];

/**
 * What became of a task there. `started`: somebody was at work on it; `parked`: put off until somebody says otherwise;
 * `dropped`: it will never be done.
 */
export type ForeignState = 'open' | 'started' | 'parked' | 'done' | 'dropped';

/** A task of another tracker, as far as this queue has room for it. */
export interface ForeignTask {
  /** `file:line`, for messages. */
  readonly place: string;
  /** What it is called there: `12`, `bd-a1b2`. */
  readonly name: string;
  readonly title: string;
  readonly type?: string;
  /** As here: higher first. */
  readonly priority?: number;
  readonly summary?: string;
  /** The description in many lines. */
  readonly text?: string;
  readonly criteria: readonly string[];
  readonly labels: Readonly<Record<string, Scalar>>;
  readonly batch?: string;
  readonly state: ForeignState;
  /** The state in the tracker's own word. */
  readonly word: string;
  /** Who was at work on it, or has done it. */
  readonly who?: string;
  /** Since when it is in this state, as written there. */
  readonly since?: string;
  readonly prUrl?: string;
  /** Names of tasks that must be done first. */
  readonly requires: readonly string[];
  /** The name of the task that it is a part of. */
  readonly parent?: string;
  /** What it is in a queue of agentq, and is to be here. */
  readonly own?: OwnTask;
  /** `metadata` and what else the file is to say. */
  readonly rest?: DataMap;
}

/** The part of a task that only another queue of agentq knows. */
export interface OwnTask extends Pick<NewTask, 'ref' | 'blocks' | 'holdUntil' | 'status' | 'cancellation'> {
  readonly project: string;
  readonly id: string;
  /** Entries as they are written, by the names of the tasks that they name. */
  readonly required: ReadonlyMap<string, string>;
}

/** What a tracker means by its names and relations. */
export interface TrackerRules {
  readonly tracker: Tracker;
  /** Whether names in the tracker can be ids here. */
  readonly names: 'are-ids' | 'are-refs';
  /** Whether what a task requires holds back its parts, too. */
  readonly parts: 'wait-with-the-whole' | 'are-apart';
  /** What becomes of a second task with the name of another one. */
  readonly twice: 'refuse' | 'rename';
  /** A form in which names that mean the same are the same. */
  canonical(name: string): string;
}

/** Something of the input that does not become what it was, and why. */
export interface Remark {
  readonly place: string;
  /** What the tracker calls the task. */
  readonly name: string;
  readonly reason: string;
}
