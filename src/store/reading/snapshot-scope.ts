import type { TaskState } from '../../domain/queue/task.ts';

/** What a snapshot must hold; reading less is most of what makes a claim fast. */
export interface SnapshotScope {
  /** States whose task files are read; the others are listed, but `unread`. */
  readonly read: ReadonlySet<TaskState>;
  /** Tasks whose files are read whatever their state: these ids, in any project. */
  readonly ids?: ReadonlySet<string>;
  /**
   * Whether all members of batches are read, completed ones too: `where-held` if a ready task waits for a share of one,
   * `where-named` if an open task belongs to one. A queue without batches never reads what is completed.
   */
  readonly batches?: 'where-held' | 'where-named';
  /**
   * Claimed entries whose heartbeat cannot be trusted at this time carry `touchedAt`, and those that look stalled what is
   * known of the clocks behind them: one `git log` more for each of the two, and only where there are any.
   */
  readonly witnesses?: {
    readonly now: number;
    /** Silence (ms) from which on a claim looks stalled; absent: what the pool has agreed on. */
    readonly limitMs?: number;
  };
  /**
   * What the readings are for. `deciding`: they may lack what no decision asks for (see `reading-lines.ts`), so that those
   * of a large queue need not come from its files. Else they are whole.
   */
  readonly use?: 'deciding';
  /** Claims carry `renewedAt` in a pool that renews by refs: one look more, and only there. `witnesses` includes it. */
  readonly renewals?: 'read';
}
