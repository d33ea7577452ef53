import type { TaskEdits } from '../queue/edit.ts';
import type { LayoutName } from '../queue/layouts.ts';
import type { NewTask } from '../queue/new-task.ts';

/**
 * What a caller wants done to the queue. Plain data: an intent travels as JSON, to a leader on this machine or inside
 * the name of a request ref, and the process that carries it out decides it.
 */
export type Intent =
  | ClaimIntent
  | HeartbeatIntent
  | ReleaseIntent
  | CompleteIntent
  | ReviewIntent
  | UnblockIntent
  | ReleaseStalledIntent
  | TakeIntent
  | AskIntent
  | AnswerIntent
  | NoteIntent
  | EditIntent
  | CancelIntent
  | ReopenIntent
  | BlockIntent
  | PauseIntent
  | ResumeIntent
  | AddIntent;

interface IntentBase {
  /** Unique to the intent. Every commit of it has it as `Agentq-Request`; for a claim it is the `claim_id`. */
  readonly request: string;
  readonly agent: string;
}

/** Which tasks a claim will take; every given condition must hold. */
export interface TaskFilter {
  readonly project?: string;
  readonly minPriority?: number;
  readonly maxPriority?: number;
  readonly type?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What the agent can do: only claims look at it. Without it, a task that needs anything is for others. */
  readonly can?: readonly string[];
  /** Tasks to leave alone, as `project/TASK-ID`: a worker does not claim a task again that has just failed. */
  readonly except?: readonly string[];
}

/** A task as a user names it: `TASK-1` (in any project) or `project/TASK-1`. */
export interface TaskReference {
  readonly project?: string;
  readonly id: string;
}

export interface ClaimIntent extends IntentBase {
  readonly kind: 'claim';
  readonly filter: TaskFilter;
  /** Only this task. */
  readonly task?: TaskReference;
  /** Take from this project first, then from anywhere the filter allows. */
  readonly prefer?: string;
  /** Number of this attempt, from 1; goes into `claim_attempt` and the `Agentq-Attempts` trailer. */
  readonly attempt: number;
  /** Milliseconds since the caller began, for the `Agentq-Waited-Ms` trailer. */
  readonly waitedMs: number;
}

/** What proves ownership: the agent, and the claim if the caller knows it. */
interface OwnedIntent extends IntentBase {
  readonly task: TaskReference;
  /** If given, the current claim must be exactly this one (fencing). */
  readonly claimId?: string;
}

export interface HeartbeatIntent extends OwnedIntent {
  readonly kind: 'heartbeat';
  /** Renew by a commit, whatever the pool's setting: for remotes that do not accept our refs. */
  readonly as?: 'commit';
}

/** What a command says about its work; it goes into the commit. */
export interface WorkReport {
  readonly summary?: string;
  readonly costUsd?: number;
  readonly tokens?: number;
}

/** Longest summary (characters), and the most that the work may have cost. */
export const LONGEST_SUMMARY = 2000;
export const MOST_COST_USD = 1_000_000;

/** Most tasks of one edit. */
export const MOST_EDITED = 1000;

/** An intent that ends the work on a task. */
interface EndingIntent extends OwnedIntent {
  readonly report?: WorkReport;
  /** `leave`: what the agent has put into review itself stays there, whatever became of its command. */
  readonly inReview?: 'leave';
}

export interface ReleaseIntent extends EndingIntent {
  readonly kind: 'release';
  readonly reason?: string;
  /** `failed`: a worker's command failed, which counts. Absent: it says nothing about the task. */
  readonly because?: 'failed';
  /** The last lines of a failed command's output, for the commit. */
  readonly output?: readonly string[];
  /** If given, the task is blocked until somebody frees it; this is why. */
  readonly blockedReason?: string;
}

export interface CompleteIntent extends EndingIntent {
  readonly kind: 'complete';
  readonly prUrl?: string;
}

/** The work is done and waits to be merged: the claim stays, and needs no heartbeats until `review_after`. */
export interface ReviewIntent extends EndingIntent {
  readonly kind: 'review';
  /** Absent: that of an earlier review, or none that is known. */
  readonly prUrl?: string;
}

/** Hands a live claim over. The request is the id of the new claim. */
export interface TakeIntent extends IntentBase {
  readonly kind: 'take';
  readonly task: TaskReference;
  /** Who must hold the task now. */
  readonly from: string;
}

/** Gives a task back with a question for a person: nobody is offered it until somebody answers. */
export interface AskIntent extends OwnedIntent {
  readonly kind: 'ask';
  /** One line, see `note-text.ts`. */
  readonly text: string;
}

/** Answers the question of a task. */
export interface AnswerIntent extends IntentBase {
  readonly kind: 'answer';
  readonly task: TaskReference;
  /** One line, see `note-text.ts`. */
  readonly text: string;
}

/** Adds a note to a task, in whatever state it is and whoever holds it. */
export interface NoteIntent extends IntentBase {
  readonly kind: 'note';
  readonly task: TaskReference;
  /** One line, see `note-text.ts`. */
  readonly text: string;
}

/** Changes fields of tasks that are not completed: all of them in one commit, or none. */
export interface EditIntent extends IntentBase {
  readonly kind: 'edit';
  readonly task: TaskReference;
  /** Further tasks that get the same. */
  readonly more?: readonly TaskReference[];
  readonly edits: TaskEdits;
  /** The new text of the whole file of the one task, instead of {@link edits}. */
  readonly text?: TextEdit;
}

/** What somebody has written in an editor. */
export interface TextEdit {
  /** The blob that it was made from: if the file is another one by now, it must be merged first. */
  readonly was: string;
  readonly now: string;
}

/** An intent about tasks that are named: all of them in one commit, or none. */
interface NamedIntent extends IntentBase {
  readonly task: TaskReference;
  /** Further tasks of which the same is wanted. */
  readonly more?: readonly TaskReference[];
}

/** Nobody is to do the tasks any more. */
export interface CancelIntent extends NamedIntent {
  readonly kind: 'cancel';
  /** One line, see `note-text.ts`. */
  readonly reason: string;
  /** What becomes of open tasks that require them; absent: then it is refused. */
  readonly dependants?: 'cascade' | 'detach';
}

/** What was completed or cancelled is to be done again. */
export interface ReopenIntent extends NamedIntent {
  readonly kind: 'reopen';
}

/** Nobody may claim the tasks until somebody frees them. */
export interface BlockIntent extends NamedIntent {
  readonly kind: 'block';
  /** One line, see `note-text.ts`. */
  readonly reason: string;
}

/** Nothing is to be claimed of the project, or of the whole queue, until somebody resumes it. */
export interface PauseIntent extends IntentBase {
  readonly kind: 'pause';
  readonly project?: string;
  /** One line, see `note-text.ts`. */
  readonly reason: string;
}

/** Ends the pause of the project, or that of the whole queue. */
export interface ResumeIntent extends IntentBase {
  readonly kind: 'resume';
  readonly project?: string;
}

/** Unblocks what no longer needs to wait: named tasks, or all tasks whose own conditions are met. */
export interface UnblockIntent extends IntentBase {
  readonly kind: 'unblock';
  readonly project?: string;
  /** Frees this task, whatever keeps it blocked. */
  readonly task?: TaskReference;
  /** Further tasks that are freed. */
  readonly more?: readonly TaskReference[];
  /** Without a project: only those that live on the branch where it is decided. */
  readonly here?: true;
}

export interface ReleaseStalledIntent extends IntentBase {
  readonly kind: 'release-stalled';
  readonly project?: string;
  /** A claim that was silent for longer (ms) is stalled; absent: the pool's own limit. */
  readonly olderThanMs?: number;
  /** As for {@link UnblockIntent}. */
  readonly here?: true;
}

export interface AddIntent extends IntentBase {
  readonly kind: 'add';
  /** In order; all in one commit, or none. */
  readonly tasks: readonly NewTask[];
  /** For tasks that name no project; absent: the only project of the queue. */
  readonly project?: string;
  /** For new projects. */
  readonly layout?: LayoutName;
  /** How new ids begin; absent: like those of the project. */
  readonly idPrefix?: string;
  /**
   * What the queue has already, by ref or id, is updated instead of added or refused. `by-ref`: a task that only has
   * the same id is another one, and the input is refused.
   */
  readonly upsert?: true | 'by-ref';
}

/** Who acts when no agent does: the author of the commits of `unblock` and `release-stalled`. */
export const ORCHESTRATOR = 'orchestrator';
