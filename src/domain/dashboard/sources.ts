import type { SignedIn } from '../leases/sign-in.ts';
import type { TaskEvent } from '../past/task-event.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';

/** What was read of a queue, from which its board is made. Times are ms since the epoch. */
export interface BoardSources {
  readonly branch: string;
  readonly remote: string | undefined;
  /** With the files of all states read, and with witnesses. */
  readonly snapshot: QueueSnapshot;
  /** What the commits of the window say, the oldest first. */
  readonly events: readonly TaskEvent[];
  /** What happened last, the newest first, with the titles of the tasks. */
  readonly recent: readonly RecentEvent[];
  readonly signIns: readonly SignedIn[];
  /** The beginning of the window; undefined: all that is known. */
  readonly from: number | undefined;
  readonly now: number;
  readonly knownFrom: number | undefined;
  /** Whether the queue was there before the window. */
  readonly queue: 'older' | 'younger';
  /** Only what concerns this one; undefined: the whole queue. */
  readonly project: string | undefined;
}

/** Something that happened, with the title of the task at that time. */
export interface RecentEvent {
  readonly event: TaskEvent;
  readonly title: string | undefined;
}
