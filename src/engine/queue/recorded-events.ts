import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import { activityOf } from '../../domain/past/activity.ts';
import { eventsSaid, type TaskEvent } from '../../domain/past/task-event.ts';
import type { Reader } from './reader.ts';

/** What the commits of the branch say. */
export interface RecordedEvents {
  /** Oldest first. */
  readonly events: readonly TaskEvent[];
  /** Set (ms since the epoch) if the clone knows less history than was asked for. */
  readonly knownFrom: number | undefined;
  /** The oldest commit that was read; undefined: none. */
  readonly oldest: string | undefined;
}

/**
 * Reads the events that are not older, and no more of the history.
 * @param from ms since the epoch; undefined: all that is known
 */
export async function recordedEvents(
  reader: Pick<Reader, 'record'>,
  from: number | undefined,
): Promise<RecordedEvents> {
  const events: TaskEvent[] = [];
  let knownFrom: number | undefined;
  let oldest: string | undefined;
  for await (const commit of reader.record(from)) {
    // Of the oldest commit of a shallow clone only the message can be trusted, and only the message is read.
    if (commit.isCut) knownFrom = Math.max(knownFrom ?? commit.timeMs, commit.timeMs);
    events.push(...eventsSaid(commit).reverse());
    oldest = commit.oid;
  }
  return { events: events.reverse(), knownFrom, oldest };
}

/** Commits before the window in which there is no sign of a queue are those of the code that it began beside. */
const LOOKED_BACK = 200;

/** Whether the queue was in use before this commit. */
export async function hasQueueBefore(reader: Pick<Reader, 'history'>, oid: string): Promise<boolean> {
  for await (const commit of reader.history(oid, LOOKED_BACK)) {
    if (commit.oid !== oid && activityOf(commit) !== undefined) return true;
  }
  return false;
}

/**
 * A heartbeat that was written as a ref. Each one overwrites the last, so that only the last of a claim counts. It
 * names no commit.
 */
export function renewalOf({ agent, task, at }: Beat): TaskEvent {
  return { kind: 'task.renewed', project: task.project, task: task.id, agent, commit: '', at: Date.parse(at) };
}
