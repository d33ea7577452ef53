import type { Refusal } from '../base/failure.ts';
import type { AddIntent, Intent } from '../intents/intent.ts';
import type { QueueState } from '../queue/queue-state.ts';

/**
 * Refuses an intent that must not be decided on this branch alone: its project lives on another one, or it names no
 * project while projects live on several branches. Whoever submitted it then decides on which branch it is carried out,
 * or on which branches. On a queue with one branch, nothing is refused.
 */
export function concernsOthers({ otherBranch }: QueueState, intent: Intent): Refusal | undefined {
  // A pause is on the main branch, whichever project it is of.
  if (otherBranch === undefined || intent.kind === 'pause' || intent.kind === 'resume') return undefined;
  const project = projectOf(intent);
  if (project === undefined) {
    if ((intent.kind === 'unblock' || intent.kind === 'release-stalled') && intent.here === true) return undefined;
    return { code: 'other-branch', message: 'projects of this queue live on several branches' };
  }
  for (const one of intent.kind === 'add' ? projectsOf(intent) : [project]) {
    const branch = one === undefined ? undefined : otherBranch(one);
    if (branch !== undefined) return { code: 'other-branch', message: `${one} lives on the branch ${branch}`, branch };
  }
  return undefined;
}

/** The project that an intent names; of tasks that are added, only if each of them has one. */
export function projectOf(intent: Intent): string | undefined {
  switch (intent.kind) {
    case 'claim':
      return intent.filter.project ?? intent.task?.project;
    case 'unblock':
      return intent.project ?? intent.task?.project;
    case 'release-stalled':
      return intent.project;
    case 'pause':
    case 'resume':
      return undefined;
    case 'add':
      return projectsOf(intent).includes(undefined) ? undefined : projectsOf(intent)[0];
    case 'heartbeat':
    case 'release':
    case 'complete':
    case 'review':
    case 'note':
    case 'take':
    case 'ask':
    case 'answer':
    case 'edit':
    case 'cancel':
    case 'reopen':
    case 'block':
      return intent.task.project;
  }
}

/** The project of each new task, as far as the intent names it. */
export function projectsOf(intent: AddIntent): (string | undefined)[] {
  return intent.tasks.map(({ project }) => project ?? intent.project);
}
