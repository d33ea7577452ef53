import type { Task } from '../queue/task.ts';
import { changedIn, contentOf } from './content.ts';

/** Names of the parts of a task that have changed, for an agent to whom its own notes are not new. */
export function differences(before: Task, after: Task, reader: string): readonly string[] {
  const others = (task: Task): Task => ({ ...task, notes: (task.notes ?? []).filter(({ agent }) => agent !== reader) });
  return changedIn(contentOf(others(before)), contentOf(others(after)));
}
