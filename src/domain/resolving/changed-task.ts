import { given } from '../base/given.ts';
import type { ChangedTask } from '../intents/outcome.ts';
import { compareForListing } from '../queue/ordering.ts';
import type { TaskEntry } from '../queue/snapshot.ts';

/** A task as results name it, at the path where it is or will be. */
export function changedTask(entry: TaskEntry, path: string = entry.path): ChangedTask {
  const title = entry.reading.kind === 'read' ? entry.reading.task.title : undefined;
  return { key: entry.key, ...given({ title }), path };
}

/** Sorted in the order of lists, whatever the order of the tree. */
export function inListOrder(entries: readonly TaskEntry[]): TaskEntry[] {
  return [...entries].sort(compareForListing);
}
