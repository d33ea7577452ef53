import type { TaskEventKind } from '../past/task-event.ts';
import type { TaskKey } from '../queue/task.ts';
import type { TaskNamed, TaskTold } from './told.ts';

/** Who did it, and by which commit. */
export interface Deed {
  /** As history will name them. */
  readonly agent: string;
  readonly commit: string | undefined;
  /** All commits, if there is one on each of several branches: nobody knows then which one did what. */
  readonly commits?: readonly unknown[];
}

/** What happened to a task, as `watch` will tell it. */
export function happened(
  event: TaskEventKind,
  { key, title }: { readonly key: TaskKey; readonly title?: string | undefined },
  { agent, commit, commits }: Deed,
): TaskTold {
  return { event, ...named(key), title: title ?? null, agent, commit: commits === undefined ? (commit ?? null) : null };
}

/** The name of a task in two keys, as events have it. */
export function named({ project, id }: TaskKey): TaskNamed {
  return { project, task: id };
}
