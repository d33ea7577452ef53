import { byCondition, type HeldTask, heldTasks } from '../../domain/figures/held-tasks.ts';
import type { QueueSnapshot } from '../../domain/queue/snapshot.ts';
import type { TaskState } from '../../domain/queue/task.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import type { Reader } from '../../engine/queue/reader.ts';

const CLAIMED: ReadonlySet<TaskState> = new Set<TaskState>(['claimed']);

/** What an agent holds and works on, at the tip of the queue: not what waits for its merge. */
export async function heldBy(
  queue: Pick<Queue, 'read'>,
  agent: string,
  now: number,
): Promise<{ readonly held: readonly HeldTask[]; readonly snapshot: QueueSnapshot; readonly reader: Reader }> {
  const reader = await queue.read();
  const snapshot = await reader.snapshot({ read: CLAIMED, witnesses: { now } }, { unreadable: 'leave' });
  const own = [...heldTasks(snapshot, new Map(), now)].filter((one) => one.agent === agent).map(({ task }) => task);
  return { held: own.filter(({ condition }) => condition !== 'review').sort(byCondition), snapshot, reader };
}
