import { isInReview } from '../leases/staleness.ts';
import { type BatchProgress, batchesOf, isHoldMet, parseHold } from '../queue/batches.ts';
import { requiredKey } from '../queue/dependency-entry.ts';
import { entryAfter, type TaskChange } from '../queue/edit.ts';
import { openQuestion } from '../queue/question.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, isCancelled, type TaskCondition, type TaskKey } from '../queue/task.ts';

/**
 * What keeps a task of the ready folder from being claimed.
 *
 * `open`: nothing; `waiting`: it waits for dependencies; `held`: until a share of a batch is complete; `due`: nothing
 * any more, but its status does not say so yet; `asking`: somebody must answer its question; `blocked`: by somebody, or
 * because it stalled too often, and somebody must free it; `cancelled`: nobody is to do it any more.
 */
export type Readiness = 'open' | 'waiting' | 'held' | 'due' | 'asking' | 'blocked' | 'cancelled' | 'unreadable';

/** Statuses that mean "not yet"; every other one is somebody's decision. */
const NOT_YET: ReadonlySet<string | undefined> = new Set(['blocked', 'pending']);

/**
 * Judges whether tasks of the ready folder can be claimed, in the queue as it is or as it will be after some changes.
 */
export class ReadinessJudge {
  readonly #state: QueueState;
  /** Entries as the changes leave them, by name. */
  readonly #after = new Map<string, TaskEntry>();
  readonly #batches = new Map<string, ReadonlyMap<string, BatchProgress>>();

  /** @param changes to tasks of the state, which does not have them yet */
  constructor(state: QueueState, changes: readonly TaskChange[] = []) {
    this.#state = state;
    for (const change of changes) {
      const before = state.entriesNow(change.key).find(({ path }) => path === change.fromPath);
      if (before !== undefined) this.#after.set(formatKey(change.key), entryAfter(before, change));
    }
  }

  /** @param entry a task that is in the ready folder, before and after the changes */
  readinessOf(entry: TaskEntry): Readiness {
    const { reading } = this.#now(entry);
    if (reading.kind !== 'read') return 'unreadable';
    const { task } = reading;
    if (isCancelled(task)) return 'cancelled';
    const isWaiting = this.missing(entry).length > 0;
    if (task.status === 'ready') return isWaiting ? 'waiting' : 'open';
    if (openQuestion(task) !== undefined) return 'asking';
    if (!NOT_YET.has(task.status) || task.blockedReason !== undefined) return 'blocked';
    if (isWaiting) return 'waiting';
    if (task.holdUntil !== undefined) return this.#isHeld(entry, task.holdUntil) ? 'held' : 'due';
    // Nothing in the file says what it waits for: a person blocked it, and only a person knows until when.
    return hasDependencies(this.#state, this.#now(entry)) ? 'due' : 'blocked';
  }

  /** Ids of the required tasks that are not complete. */
  missing(entry: TaskEntry): string[] {
    if (this.#after.size === 0) return this.#state.missing(entry);
    const { project } = entry.key;
    return this.#state
      .requirements(this.#now(entry))
      .flatMap(({ id }) => (id === undefined || this.#isCompleted(requiredKey(id, project)) ? [] : [id]));
  }

  /** Whether all that it requires is complete, and what holds it is met. Its status is not asked. */
  waitsForNothing(entry: TaskEntry): boolean {
    if (this.missing(entry).length > 0) return false;
    const holdUntil = entry.reading.kind === 'read' ? entry.reading.task.holdUntil : undefined;
    return holdUntil === undefined || !this.#isHeld(entry, holdUntil);
  }

  /** Those of the unchanged tasks that concern the caller that only their status keeps from being claimed. */
  due(concerns: (entry: TaskEntry) => boolean): TaskEntry[] {
    const due: TaskEntry[] = [];
    for (const entry of this.#state.inState('ready')) {
      if (concerns(entry) && !this.#isChanged(entry) && this.readinessOf(entry) === 'due') due.push(entry);
    }
    return due;
  }

  /** Progress of the project's batches, by name. */
  batches(project: string): ReadonlyMap<string, BatchProgress> {
    const known = this.#batches.get(project);
    if (known) return known;
    const batches = batchesOf(this.#tasksOf(project));
    this.#batches.set(project, batches);
    return batches;
  }

  /** Whether the condition, of a task of this project, is not met. */
  #isHeld({ key }: Pick<TaskEntry, 'key'>, condition: string): boolean {
    const parsed = parseHold(condition);
    // A condition that cannot be parsed holds the task: starting too early can do harm, and `unblock --task` can free
    // it.
    if (parsed.kind === 'problem') return true;
    return !isHoldMet(parsed.hold, this.batches(key.project).get(parsed.hold.batch));
  }

  *#tasksOf(project: string): Generator<readonly TaskEntry[]> {
    for (const entries of this.#state.allOf(project)) {
      const [entry] = entries;
      if (entry === undefined) continue;
      yield this.#isChanged(entry) ? [this.#now(entry)] : entries;
    }
  }

  #now(entry: TaskEntry): TaskEntry {
    return this.#after.size === 0 ? entry : (this.#after.get(formatKey(entry.key)) ?? entry);
  }

  #isChanged({ key }: TaskEntry): boolean {
    return this.#after.size > 0 && this.#after.has(formatKey(key));
  }

  #isCompleted(key: TaskKey): boolean {
    const after = this.#after.get(formatKey(key));
    return after === undefined ? this.#state.isCompleted(key) : after.state === 'completed';
  }
}

/**
 * The state of a task in one word. It agrees with the judge: `open` is ready, and `waiting`, `held` and `due` are
 * waiting, as long as nothing but time, others or `agentq unblock` is needed.
 */
export function conditionOf(state: QueueState, entry: TaskEntry): TaskCondition {
  if (isInReview(entry)) return 'review';
  if (entry.state !== 'ready') return entry.state;
  if (entry.reading.kind !== 'read') return 'blocked';
  const { task } = entry.reading;
  if (isCancelled(task)) return 'cancelled';
  if (task.status === 'ready') return state.missing(entry).length > 0 ? 'waiting' : 'ready';
  if (openQuestion(task) !== undefined) return 'asking';
  if (!NOT_YET.has(task.status) || task.blockedReason !== undefined) return 'blocked';
  if (isNotYetOpen(entry) && task.holdUntil === undefined && requiresApart(state, entry)) {
    // A claim opens it.
    if (state.missing(entry).length === 0) return 'ready';
  }
  if (task.status === 'pending' || task.holdUntil !== undefined || hasDependencies(state, entry)) return 'waiting';
  return 'blocked';
}

/** Sets the status of a task in the ready folder to `ready`. */
export function openChange(entry: TaskEntry): TaskChange {
  const { key, path } = entry;
  return {
    key,
    from: 'ready',
    to: 'ready',
    fromPath: path,
    toPath: path,
    edits: [{ kind: 'set-status', status: 'ready' }],
  };
}

/** Whether only others, or time, keep the task of the ready folder from being ready. */
export function isNotYetOpen({ reading }: TaskEntry): boolean {
  return reading.kind === 'read' && NOT_YET.has(reading.task.status) && reading.task.blockedReason === undefined;
}

/** Whether the task requires any that lives on another branch: its completion there cannot open the task here. */
export function requiresApart(state: QueueState, entry: TaskEntry): boolean {
  const { project } = entry.key;
  const isApart = (id: string): boolean => state.liveApart(project, requiredKey(id, project).project);
  return state.requirements(entry).some(({ id }) => id !== undefined && isApart(id));
}

function hasDependencies(state: QueueState, entry: TaskEntry): boolean {
  return state.requirements(entry).some(({ id }) => id !== undefined);
}
