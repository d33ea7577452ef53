import { eventsSaid, type TaskEvent } from '../../../domain/past/task-event.ts';
import type { TaskKey } from '../../../domain/queue/task.ts';
import type { Reader } from '../../../engine/queue/reader.ts';

/** Most times that are reported. */
const MOST = 3;

/** Most commits to search, by their messages alone: that takes git some 15 ms. `agentq log` knows all of it. */
const LOOK_BACK = 2_000;

/** The last times that the task came back, given or taken, oldest first, as the messages of commits tell it. */
export async function cameBack(reader: Reader, tip: string, { project, id }: TaskKey): Promise<readonly TaskEvent[]> {
  const found: TaskEvent[] = [];
  for await (const commit of reader.history(tip, LOOK_BACK)) {
    const own = eventsSaid(commit).filter((event) => event.task === id && (event.project ?? project) === project);
    for (const event of own) if (event.kind === 'task.released' || event.kind === 'task.stalled') found.push(event);
    if (found.length >= MOST || own.some(({ kind }) => kind === 'task.added')) break;
  }
  return found.slice(0, MOST).reverse();
}
