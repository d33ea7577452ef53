import { requiredKey } from '../queue/dependency-entry.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey, isCancelled, type TaskKey } from '../queue/task.ts';

/** A task that others wait for in the end. */
export interface ChainEnd {
  /** `project/TASK-ID` */
  readonly dependency: string;
  /** Completes "the task, ...": `claimed by a2`. */
  readonly is: string;
}

/** Longer chains are not followed to their end: the answer is one line that somebody waits for. */
const MOST_STEPS = 1000;

/**
 * Where the chain of dependencies ends that begins with this task, through whatever projects. Of several dependencies
 * that are not complete, the first is followed.
 * @returns undefined if the task waits for nothing
 */
export function chainEnd(state: QueueState, from: TaskKey): ChainEnd | undefined {
  const seen = new Set<string>();
  let key = from;
  for (let next = nextOf(state, key); next !== undefined; next = nextOf(state, key)) {
    const name = formatKey(key);
    if (seen.has(name)) return { dependency: name, is: 'which waits for itself' };
    if (seen.size === MOST_STEPS) break;
    seen.add(name);
    key = next;
  }
  return key === from ? undefined : { dependency: formatKey(key), is: wordsFor(state, key) };
}

function nextOf(state: QueueState, key: TaskKey): TaskKey | undefined {
  const found = state.lookup(key);
  if (found.kind !== 'found' || found.entry.state !== 'ready') return undefined;
  const { reading } = found.entry;
  // It will not be done, whatever it waited for.
  if (reading.kind === 'read' && isCancelled(reading.task)) return undefined;
  const [first] = state.missing(found.entry);
  return first === undefined ? undefined : requiredKey(first, key.project);
}

function wordsFor(state: QueueState, key: TaskKey): string {
  const found = state.lookup(key);
  if (found.kind === 'absent') {
    const branch = state.otherBranch?.(key.project);
    return branch === undefined ? 'which does not exist' : `on the branch ${branch}`;
  }
  if (found.kind === 'two-states') return 'which is in two states at once';
  const { state: is, reading } = found.entry;
  if (reading.kind === 'unreadable') return 'which is unreadable';
  const task = reading.kind === 'read' ? reading.task : undefined;
  if (is === 'claimed') return task?.claim?.claimedBy === undefined ? 'claimed' : `claimed by ${task.claim.claimedBy}`;
  if (task !== undefined && isCancelled(task)) return 'which is cancelled';
  return task?.status === 'ready' || task === undefined ? is : `with status ${task.status ?? '(none)'}`;
}
