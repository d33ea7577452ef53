/**
 * The task model: what agentq reads from a task file, in either notation.
 *
 * The folder of the file is its {@link TaskState}; the file's own `task.status` only says whether the task may be
 * claimed.
 */

/** The three folders of a project, which are the three states of a task. */
export type TaskState = 'ready' | 'claimed' | 'completed';

export const TASK_STATES: readonly TaskState[] = ['ready', 'claimed', 'completed'];

/** Names one task everywhere: ids are unique only within their project. */
export interface TaskKey {
  readonly project: string;
  readonly id: string;
}

/** An entry of `dependencies.required` or `.blocks`: `TASK-001 (Local dev environment)`. */
export interface DependencyEntry {
  /** First word of the entry if it looks like an id, else undefined (`Note: ...`): such an entry never blocks. */
  readonly id: string | undefined;
  /** The entry as written. */
  readonly text: string;
  /** 1-based line in the file. */
  readonly line: number;
}

/** The `claim:` block of a task file. Older scripts leave out any of these, so everything is optional. */
export interface ClaimBlock {
  readonly claimedBy?: string;
  /** As written; it may be invented, so staleness is judged by {@link heartbeatWitness}, not by parsing this alone. */
  readonly claimedAt?: string;
  readonly lastHeartbeat?: string;
  readonly attempt?: number;
  /** Absent if an older script made the claim. */
  readonly claimId?: string;
  /** When the work was done and began to wait for its review, as written; absent: it is being worked on. */
  readonly reviewSince?: string;
  /** The pull request that is reviewed. */
  readonly prUrl?: string;
}

/** The `completion:` block of a task file. */
export interface CompletionBlock {
  readonly status?: string;
  readonly completedAt?: string;
  readonly completedBy?: string;
  readonly prUrl?: string;
}

/** The `cancellation:` block of a task file. A person who cancels a task by its status alone leaves it out. */
export interface CancellationBlock {
  readonly cancelledAt?: string;
  readonly cancelledBy?: string;
  readonly reason?: string;
  /** The word of `task.status` that `reopen` restores; absent: `ready`. */
  readonly before?: string;
}

/** A line of the `notes:` block: what somebody had to say about the task. */
export interface Note {
  /** ISO 8601 UTC, in whole seconds. */
  readonly at: string;
  /** An agent, or a person by name. */
  readonly agent: string;
  /** One line. */
  readonly text: string;
}

/** What an agent asked of a person, and what was answered. */
export interface Question extends Note {
  /** Absent: nobody has answered yet. */
  readonly answer?: Note;
}

/** A TOON scalar. */
export type Scalar = string | number | boolean | null;

/** The content of a task file. */
export interface Task {
  /** `task.id` as written in the file. The file's name is the task's id; a difference is a finding. */
  readonly declaredId?: string;
  /** `task.project` as written; the folder is what counts. */
  readonly declaredProject?: string;
  /** `task.ref`: the name that the plan has for it, by which `agentq add --upsert` finds it again. */
  readonly ref?: string;
  readonly title?: string;
  readonly type?: string;
  /** Higher first; 0 if the file gives none. */
  readonly priority: number;
  /** `task.status`, the first word, in lower case; undefined if the file gives none. */
  readonly status?: string;
  readonly summary?: string;
  readonly details?: string;
  readonly acceptanceCriteria: readonly string[];
  /** Shell commands that must succeed before the task counts as done, in order; absent if the file names none. */
  readonly verify?: readonly string[];
  readonly required: readonly DependencyEntry[];
  /**
   * Words of `task.needs` or `needs`: what an agent must be able to do, except those that are the id of a task of the
   * project. Each has an id; absent: there are none.
   */
  readonly needs?: readonly DependencyEntry[];
  /** Information only: it never blocks the task that contains it. */
  readonly blocks: readonly DependencyEntry[];
  /** `metadata.*` and `task.labels.*` scalars, for `--label key=value`; `task.labels` wins over `metadata`. */
  readonly labels: Readonly<Record<string, Scalar>>;
  /** `task.batch` or `metadata.batch`. */
  readonly batch?: string;
  /** `task.hold_until`, for example `80% of foundation`. */
  readonly holdUntil?: string;
  /** `task.touches` or `touches`: globs of the files that it changes; absent: it does not say. */
  readonly touches?: readonly string[];
  /** `task.blocked_reason`. */
  readonly blockedReason?: string;
  /** The last claim block of the file: an earlier one may be left over from an older script. */
  readonly claim?: ClaimBlock;
  readonly completion?: CompletionBlock;
  readonly cancellation?: CancellationBlock;
  /** Oldest first; absent: there are none. */
  readonly notes?: readonly Note[];
  /** In the order in which they were asked; absent: there are none. */
  readonly questions?: readonly Question[];
}

/**
 * What can be done with a task, in one word, everywhere the same. `waiting`: its requirements are not complete, or its
 * time has not come. `blocked`: something must be done about it first. `asking`: a question waits for an answer. The
 * others are what its folder and its blocks say.
 */
export type TaskCondition =
  | 'ready'
  | 'waiting'
  | 'blocked'
  | 'asking'
  | 'claimed'
  | 'review'
  | 'completed'
  | 'cancelled';

/**
 * A task as every answer in JSON has it (CONTRACT 5). What a file does not say, or what cannot be read of it, is null.
 */
export interface TaskView {
  readonly project: string;
  readonly task: string;
  readonly title: string | null;
  readonly type: string | null;
  readonly priority: number | null;
  readonly state: TaskCondition;
  /** The file's own word. */
  readonly status: string | null;
  readonly labels: Readonly<Record<string, Scalar>>;
  /** Ids of the tasks that must be complete first. */
  readonly requires: readonly string[];
  /** Those of {@link requires} that are not complete, as long as the task is not claimed. */
  readonly waitingFor: readonly string[];
  /** The claim that holds the task, or that completed it. */
  readonly claim: ClaimView | null;
  readonly completion: CompletionView | null;
  /** How often a worker's command for it failed, since it was last completed or freed. */
  readonly failures: number;
  /** How often a claim of it fell silent, since it was last completed or freed. */
  readonly stalls: number;
  /** Oldest first. */
  readonly notes: readonly Note[];
  /** What agents asked of people, oldest first. The last one has no answer as long as the task is `asking`. */
  readonly questions: readonly QuestionView[];
  readonly path: string;
}

export interface QuestionView extends Note {
  readonly answer: Note | null;
}

export interface ClaimView {
  readonly agent: string | null;
  readonly claimId: string | null;
  readonly claimedAt: string | null;
  /** The newest that is known: a ref may renew a claim, too. */
  readonly lastHeartbeat: string | null;
  readonly attempt: number | null;
}

export interface CompletionView {
  readonly agent: string | null;
  readonly completedAt: string | null;
  readonly prUrl: string | null;
}

/** Whether the status says that nobody is to do the task any more. It counts only in the ready folder. */
export function isCancelled({ status }: Pick<Task, 'status'>): boolean {
  return status === 'cancelled' || status === 'canceled';
}

/** `project/TASK-ID`. */
export function formatKey(key: TaskKey): string {
  return `${key.project}/${key.id}`;
}

/** The same of a task in the form of answers. */
export function taskName({ project, task }: Pick<TaskView, 'project' | 'task'>): string {
  return formatKey({ project, id: task });
}

/** Whether there is still something to do about the task. */
export function isOpen({ state }: { readonly state: TaskCondition | 'unknown' }): boolean {
  return state !== 'completed' && state !== 'cancelled';
}

/** Names of task files; anything else in the folders is left alone (CONTRACT 1). */
export const TASK_FILE_NAME: RegExp = /^([A-Za-z0-9][A-Za-z0-9._-]*)\.toon$/;
