import type { Reading } from '../../domain/queue/snapshot.ts';
import type { TaskState } from '../../domain/queue/task.ts';

/** What a snapshot must hold. Reading less is most of what makes a claim fast. */
export interface SnapshotScope {
  /** States whose task files are read; the others are listed, but `unread`. */
  readonly read: ReadonlySet<TaskState>;
  /** Ids of tasks whose files are read in any state and in any project. */
  readonly ids?: ReadonlySet<string>;
  /** Files that are read whatever their state. */
  readonly paths?: ReadonlySet<string>;
  /**
   * Whether all members of batches are read, including completed ones: `where-held` if a ready task waits for a share
   * of a batch, `where-named` if an open task belongs to one. A queue without batches never reads completed tasks.
   */
  readonly batches?: 'where-held' | 'where-named';
  /**
   * Claimed entries whose heartbeat cannot be trusted at this time carry `touchedAt`, and those that look stalled carry
   * what is known about the clocks behind them. Each of the two takes one more `git log`, and only if there are such
   * entries.
   */
  readonly witnesses?: {
    readonly now: number;
    /** Silence (ms) from which a claim looks stalled; absent: the pool's setting. */
    readonly limitMs?: number;
  };
  /**
   * What a claim must know of other claims at this time (ms since the epoch). Which of them look stalled, as cheaply as
   * that can be told: claimed entries carry `stallsAt`, and the files of those that look stalled are read. All claimed
   * files are read if the pool has limits, or if a ready task says which files it touches.
   */
  readonly rivals?: { readonly now: number };
  /**
   * What the readings are for. `deciding`: they may lack what no decision asks for (see `reading-lines.ts`), so that
   * those of a large queue need not come from its files. `showing`: the same for a list of the whole queue, completed
   * tasks among them. Otherwise they are complete.
   */
  readonly use?: 'deciding' | 'showing';
  /** Ids of tasks that are read completely, whatever the readings are for, if they are read at all. */
  readonly whole?: ReadonlySet<string>;
  /** Projects whose tasks are going to be required: if they live on other branches, they are read there, too. */
  readonly required?: ReadonlySet<string>;
  /** What tasks require on other branches is not read there: the caller reads those branches itself. */
  readonly elsewhere?: 'left';
  /** Claims carry `renewedAt` in a pool that renews by refs, which takes one more look. `witnesses` includes it. */
  readonly renewals?: 'read';
  /**
   * What becomes of copies of projects that live on other branches: their tasks are `named` next to the queue, or the
   * copies are `kept` in it, as if they lived here. Absent: they are left out.
   */
  readonly copies?: 'named' | 'kept';
}

/** Whether a claim of the task depends on what claimed tasks touch. */
export function saysWhatItTouches(reading: Reading): boolean {
  return reading.kind === 'read' && reading.task.touches !== undefined;
}

/** The states, and that of claimed tasks. */
export function withClaimed(read: ReadonlySet<TaskState>): ReadonlySet<TaskState> {
  return new Set([...read, 'claimed' as const]);
}
