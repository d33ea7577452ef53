import { given } from '../../domain/base/given.ts';
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

/** A commit of the window. */
interface KeptCommit {
  readonly oid: string;
  readonly timeMs: number;
  readonly isCut: boolean;
  /** Oldest first. */
  readonly events: readonly TaskEvent[];
}

/** What is kept of the record, and what has come since the last read. */
export interface KeptRecord extends RecordedEvents {
  /** Whether the queue was there before the window, as `measure` asks it. */
  readonly queue: 'older' | 'younger';
  /**
   * Commits that the last read did not know are in it as a continuation; `anew`: the past is another one, or unknown.
   */
  readonly reading: 'continued' | 'anew';
}

/** Where the queue was read. */
export interface ReadAt {
  /** Of the snapshot, which the reader has read. */
  readonly tip: string;
  /** Of all branches. */
  readonly tips: readonly string[];
}

/**
 * Follows the record of a window, the end of which is now: each commit is read once, and forgotten when the window has
 * passed it. If the branch was rewritten, everything is read again.
 */
export class RecordWindow {
  /** Oldest first. */
  #commits: readonly KeptCommit[] = [];
  #read: (ReadAt & { readonly from: number | undefined }) | undefined;
  /** What was found out about the oldest commit of the window. */
  #before: { readonly oldest: string; readonly queue: KeptRecord['queue'] } | undefined;

  /** @param from ms since the epoch; undefined: all that is known */
  async read(
    reader: Pick<Reader, 'record' | 'holds' | 'ancestors'>,
    at: ReadAt,
    from: number | undefined,
  ): Promise<KeptRecord> {
    const after = await this.#goOnAfter(reader, at, from);
    const fresh: KeptCommit[] = [];
    const range = { tip: at.tip, ...given({ after }) };
    for await (const commit of reader.record(from, range)) {
      const { oid, timeMs, isCut } = commit;
      fresh.push({ oid, timeMs, isCut, events: eventsSaid(commit) });
    }
    const kept = after === undefined ? [] : this.#commits.filter(({ timeMs }) => timeMs >= (from ?? timeMs));
    this.#commits = [...kept, ...fresh.reverse()];
    this.#read = { ...at, from };
    const cuts = this.#commits.filter(({ isCut }) => isCut).map(({ timeMs }) => timeMs);
    const oldest = this.#commits[0]?.oid;
    return {
      events: this.#commits.flatMap(({ events }) => events),
      knownFrom: cuts.length === 0 ? undefined : Math.max(...cuts),
      oldest,
      queue: from === undefined ? 'younger' : await this.#queueBefore(reader, oldest),
      reading: after === undefined ? 'anew' : 'continued',
    };
  }

  /** The commits after which the record goes on; undefined: it is read from the start. */
  async #goOnAfter(
    reader: Pick<Reader, 'holds'>,
    { tip }: ReadAt,
    from: number | undefined,
  ): Promise<readonly string[] | undefined> {
    const last = this.#read;
    const isEarlier =
      last !== undefined && (from ?? Number.NEGATIVE_INFINITY) < (last.from ?? Number.NEGATIVE_INFINITY);
    if (last === undefined || isEarlier) return undefined;
    return (await reader.holds(tip, last.tips)) ? last.tips : undefined;
  }

  async #queueBefore(reader: Pick<Reader, 'ancestors'>, oldest: string | undefined): Promise<KeptRecord['queue']> {
    // Nothing has happened in the window.
    if (oldest === undefined) return 'older';
    if (this.#before?.oldest !== oldest) {
      this.#before = { oldest, queue: (await hasQueueBefore(reader, oldest)) ? 'older' : 'younger' };
    }
    return this.#before.queue;
  }
}

/**
 * If this many commits before the window show no sign of a queue, they are those of the code that was there before it.
 */
const LOOKED_BACK = 200;

/** Whether the queue was in use before this commit. */
export async function hasQueueBefore(reader: Pick<Reader, 'ancestors'>, oid: string): Promise<boolean> {
  for await (const commit of reader.ancestors(oid, LOOKED_BACK)) if (activityOf(commit) !== undefined) return true;
  return false;
}

/**
 * A heartbeat that was written as a ref. Each one overwrites the last, so that only the last of a claim counts. It
 * names no commit.
 */
export function renewalOf({ agent, task, at }: Beat): TaskEvent {
  return { kind: 'task.renewed', project: task.project, task: task.id, agent, commit: '', at: Date.parse(at) };
}
