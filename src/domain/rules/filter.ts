import type { TaskFilter } from '../intents/intent.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type Task } from '../queue/task.ts';

/** Whether the task matches the filter; an unreadable task matches by its project alone. */
export function matches(entry: Pick<TaskEntry, 'key' | 'reading'>, filter: TaskFilter): boolean {
  if (!inProject(entry, filter) || filter.except?.includes(formatKey(entry.key))) return false;
  if (entry.reading.kind !== 'read') return true;
  const { task } = entry.reading;
  return (
    task.priority >= (filter.minPriority ?? Number.NEGATIVE_INFINITY) &&
    task.priority <= (filter.maxPriority ?? Number.POSITIVE_INFINITY) &&
    (filter.type === undefined || task.type === filter.type) &&
    Object.entries(filter.labels ?? {}).every(([key, value]) => hasLabel(task, key, value))
  );
}

function hasLabel(task: Task, key: string, value: string): boolean {
  return Object.hasOwn(task.labels, key) && String(task.labels[key]) === value;
}

/** Whether the filter wants tasks of its project. */
export function inProject(entry: Pick<TaskEntry, 'key'>, filter: TaskFilter): boolean {
  return filter.project === undefined || entry.key.project === filter.project;
}
