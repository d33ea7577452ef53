import type { Refusal } from '../base/failure.ts';
import type { TaskReference } from '../intents/intent.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import { formatKey, type Task } from '../queue/task.ts';
import { unknownProject, unknownTask } from '../rules/unknown-names.ts';

/** A task that was named, found and read. */
export interface ReadEntry {
  readonly entry: TaskEntry;
  readonly task: Task;
}

export type Resolved<T> = ({ readonly kind: 'found' } & T) | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * Finds the task that a user named. Without a project, all projects are searched; a name that several of them have is
 * refused, and the refusal lists them.
 */
export function resolveReference(state: QueueState, reference: TaskReference): Resolved<{ readonly entry: TaskEntry }> {
  const noProject = unknownProject(reference.project, state.projectNames);
  if (noProject) return refuse(noProject);
  const projects = reference.project === undefined ? state.projectNames : [reference.project];
  const lookups = projects
    .map((project) => ({ project, id: reference.id }))
    .map((key) => ({ key, lookup: state.lookup(key) }))
    .filter(({ lookup }) => lookup.kind !== 'absent');
  const [first, second] = lookups;
  if (first && second) {
    const names = lookups.map(({ key }) => formatKey(key)).sort(compareNatural);
    return refuse({
      code: 'ambiguous-task',
      message: `${reference.id} is a task of several projects: ${names.join(', ')}`,
      hint: `name it with its project, for example ${names[0] ?? ''}`,
    });
  }
  if (!first || first.lookup.kind === 'absent') return refuse(unknownTask(state, reference));
  if (first.lookup.kind === 'two-states') {
    const paths = first.lookup.entries.map((entry) => entry.path);
    return refuse({
      code: 'task-in-two-states',
      message: `${formatKey(first.key)} is in ${paths.length} places at once: ${paths.join(' and ')}`,
      hint: 'remove all but one of the files in a commit of your own',
    });
  }
  return { kind: 'found', entry: first.lookup.entry };
}

/** The task's content, for decisions that need more than the folder. */
export function resolveReadable(entry: TaskEntry): Resolved<ReadEntry> {
  if (entry.reading.kind === 'read') return { kind: 'found', entry, task: entry.reading.task };
  const line = entry.reading.kind === 'unreadable' ? entry.reading.line : undefined;
  const message = entry.reading.kind === 'unreadable' ? entry.reading.message : 'not read';
  return refuse({
    code: 'task-unreadable',
    message: `${entry.path}${line === undefined ? '' : `:${line}`}: ${message}`,
    hint: 'fix the file in a commit of your own; `agentq validate` shows every defect',
  });
}

function refuse(refusal: Refusal): { readonly kind: 'refused'; readonly refusal: Refusal } {
  return { kind: 'refused', refusal };
}
