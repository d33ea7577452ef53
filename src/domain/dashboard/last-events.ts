import type { TaskEvent } from '../past/task-event.ts';
import { formatKey, type TaskKey, taskName } from '../queue/task.ts';

/** What the commits of the window say about each task. */
export class LastEvents {
  readonly #byTask = new Map<string, TaskEvent[]>();

  /** @param events oldest first */
  constructor(events: readonly TaskEvent[]) {
    for (const event of events) {
      if (event.project === undefined || event.task === undefined || event.kind === 'task.renewed') continue;
      const name = taskName({ project: event.project, task: event.task });
      const known = this.#byTask.get(name);
      if (known === undefined) this.#byTask.set(name, [event]);
      else known.push(event);
    }
  }

  /** Oldest first, without heartbeats. */
  of(key: TaskKey): readonly TaskEvent[] {
    return this.#byTask.get(formatKey(key)) ?? [];
  }

  /** The last of these kinds. */
  last(key: TaskKey, kinds: ReadonlySet<TaskEvent['kind']>): TaskEvent | undefined {
    return this.of(key).findLast(({ kind }) => kinds.has(kind));
  }

  /** All tasks that something happened to, by `project/TASK-ID`. */
  entries(): IterableIterator<[string, readonly TaskEvent[]]> {
    return this.#byTask.entries();
  }
}
