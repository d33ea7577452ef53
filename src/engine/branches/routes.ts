import { createHash } from 'node:crypto';
import { projectOf, projectsOf } from '../../domain/branches/other-branch.ts';
import type { Ownership } from '../../domain/branches/ownership.ts';
import type { AddIntent, ClaimIntent, Intent, TaskReference } from '../../domain/intents/intent.ts';
import type { TaskKey } from '../../domain/queue/task.ts';

/** An intent about all projects. */
export type SweepingIntent = Extract<Intent, { kind: 'unblock' | 'release-stalled' }>;

/** On which branch an intent is carried out, or how that is found out. */
export type Route =
  | { readonly kind: 'branch'; readonly branch: string; readonly project: string | undefined }
  /** Where the best task is. */
  | { readonly kind: 'best'; readonly intent: ClaimIntent }
  /** Where a task of that id is. */
  | { readonly kind: 'task'; readonly task: TaskReference }
  /** On each branch. */
  | { readonly kind: 'each'; readonly intent: SweepingIntent }
  /** The tasks where their projects live. */
  | { readonly kind: 'add'; readonly intent: AddIntent };

/** The route of an intent. A pure function. */
export function routeOf(intent: Intent, ownership: Ownership): Route {
  const project = projectOf(intent);
  if (intent.kind === 'add') {
    const branches = new Set(
      projectsOf(intent).map((one) => (one === undefined ? undefined : ownership.branchOf(one))),
    );
    const [only] = branches;
    if (branches.size > 1 || only === undefined) return { kind: 'add', intent };
    return { kind: 'branch', branch: only, project };
  }
  if (intent.kind === 'pause' || intent.kind === 'resume') {
    return { kind: 'branch', branch: ownership.main, project: undefined };
  }
  if (project !== undefined) return { kind: 'branch', branch: ownership.branchOf(project), project };
  switch (intent.kind) {
    case 'claim':
      return intent.task === undefined ? { kind: 'best', intent } : { kind: 'task', task: intent.task };
    case 'unblock':
      return intent.task === undefined ? { kind: 'each', intent } : { kind: 'task', task: intent.task };
    case 'release-stalled':
      return { kind: 'each', intent };
    default:
      return { kind: 'task', task: intent.task };
  }
}

/** The intent about the task that was found. */
export function about<Kind extends Intent>(intent: Kind, { project, id }: TaskKey): Intent {
  switch (intent.kind) {
    case 'claim':
      return narrowed(intent, { project, id });
    case 'release-stalled':
    case 'add':
    case 'pause':
    case 'resume':
      return intent;
    default:
      return { ...intent, task: { project, id } };
  }
}

/**
 * The claim as it is submitted on one branch: of a project, since only that tells what lives there, whoever leads.
 * @param floor priority (or more) that a task of another project has: below it, that one would be the better task
 */
export function narrowed(
  { prefer: _, ...intent }: ClaimIntent,
  { project, id }: { readonly project: string; readonly id?: string },
  floor?: number,
): ClaimIntent {
  const least = Math.max(floor ?? Number.NEGATIVE_INFINITY, intent.filter.minPriority ?? Number.NEGATIVE_INFINITY);
  const filter = { ...intent.filter, project, ...(Number.isFinite(least) ? { minPriority: least } : {}) };
  return { ...intent, filter, ...(id === undefined ? {} : { task: { project, id } }) };
}

/**
 * The request of the part of an intent that is carried out on another branch. It is the same each time, so that a
 * request that is submitted again finds all its parts.
 */
export function requestOn(branch: string, request: string): string {
  const sign = createHash('sha256').update(branch).digest('hex').slice(0, 8);
  return `${request.slice(0, 55)}-${sign}`;
}
