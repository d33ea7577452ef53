import { given } from '../base/given.ts';
import type { ChangedTask } from '../queue/intent.ts';
import { compareForListing } from '../queue/ordering.ts';
import type { TaskEntry } from '../queue/snapshot.ts';

/** A task as answers name it, at the place where it is or will be. */
export function changedTask(entry: TaskEntry, path: string = entry.path): ChangedTask {
  const title = entry.reading.kind === 'read' ? entry.reading.task.title : undefined;
  return { key: entry.key, ...given({ title }), path };
}

/** In the order of lists, whatever order the tree gave them in. */
export function inListOrder(entries: readonly TaskEntry[]): TaskEntry[] {
  return [...entries].sort(compareForListing);
}
