import { pathIn } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { TASK_STATES } from '../queue/task.ts';

/** Where the file of the task is, and where it was in its other states. */
export function taskPaths(entry: TaskEntry): string[] {
  return [...new Set([entry.path, ...TASK_STATES.map((state) => pathIn(entry, state))])];
}
