import type { Refusal } from '../base/failure.ts';
import { byDistance, closest, nearest, numbersIn } from '../base/suggest.ts';
import type { TaskReference } from '../intents/intent.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey, isCancelled, type TaskKey } from '../queue/task.ts';

/** Most names that a hint lists: a person must be able to read the line. */
const MOST_LISTED = 8;
const MOST_MEANT = 3;
/** Most ids that are compared with an unknown one: comparing all of 100,000 tasks would take a second. */
const MOST_COMPARED = 2_000;

/**
 * The refusal of a project that the queue does not have (CONTRACT 5). A project exists as soon as one of its folders
 * does, even without tasks.
 * @returns undefined if the project exists, or none is named
 */
export function unknownProject(project: string | undefined, names: Iterable<string>): Refusal | undefined {
  if (project === undefined) return undefined;
  const known = [...names];
  if (known.includes(project)) return undefined;
  return {
    code: 'unknown-project',
    message: `there is no project ${project} in this queue`,
    hint: meantProjects(project, known.sort(compareNatural)),
  };
}

/** The refusal of a task that does not exist. */
export function unknownTask(state: QueueState, { project, id }: TaskReference): Refusal {
  const where = project === undefined ? 'any project of this queue' : `project ${project}`;
  return { code: 'unknown-task', message: `there is no task ${id} in ${where}`, hint: meantTasks(state, project, id) };
}

/** The refusal of a task that is cancelled, where another one is going to require it; undefined: it is not. */
export function cancelledRequirement(state: QueueState, key: TaskKey): Refusal | undefined {
  const found = state.lookup(key);
  if (found.kind !== 'found' || found.entry.state !== 'ready' || found.entry.reading.kind !== 'read') return undefined;
  if (!isCancelled(found.entry.reading.task)) return undefined;
  const name = formatKey(key);
  const message = `${name} is cancelled: what requires it could never be claimed`;
  return { code: 'task-invalid', message, hint: `\`agentq reopen ${name}\` first, or require another task` };
}

/** At most eight of the names, and how many more there are. */
export function listed(names: readonly string[]): string {
  if (names.length <= MOST_LISTED) return names.join(', ');
  return `${names.slice(0, MOST_LISTED).join(', ')} and ${names.length - MOST_LISTED} more`;
}

function meantProjects(project: string, names: readonly string[]): string {
  const meant = nearest(project, names, MOST_MEANT);
  if (meant.length > 0) return `did you mean ${either(meant)}?`;
  if (names.length === 0) return `it has no projects yet: \`agentq init ${project}\` makes one`;
  return names.length === 1 ? `there is only ${names[0]}` : `the projects are ${listed(names)}`;
}

/**
 * Names the same id in another project first, then ids with the same numbers (`TASK-2`, `TASK-002`), then ids that are
 * spelt alike: in the named project, or else in any.
 */
function meantTasks(state: QueueState, project: string | undefined, id: string): string {
  const keys: TaskKey[] = [];
  for (const [entry] of state.all()) if (entry !== undefined) keys.push(entry.key);
  const elsewhere = keys.filter((key) => key.id === id).map(formatKey);
  if (elsewhere.length > 0) return `did you mean ${either(elsewhere.sort(compareNatural).slice(0, MOST_MEANT))}?`;
  const inProject = keys.filter((key) => key.project === project);
  const number = numbersIn(id);
  const near = inProject.length > 0 ? inProject : keys;
  const alike = near.filter((key) => numbersIn(key.id) === number);
  const names = new Map<string, string>();
  for (const key of [...alike, ...near].slice(0, MOST_COMPARED)) {
    const name = key.project === project ? key.id : formatKey(key);
    if (!names.has(key.id)) names.set(key.id, name);
  }
  const said = (ids: readonly string[]): string[] => ids.map((one) => names.get(one) ?? one);
  const same = closest(
    id,
    alike.slice(0, MOST_COMPARED).map((key) => key.id),
  );
  const meant = same === undefined ? nearest(id, [...names.keys()], MOST_MEANT) : [same];
  if (meant.length > 0) return `did you mean ${either(said(meant))}?`;
  const next = byDistance(id, [...names.keys()]).slice(0, MOST_MEANT);
  return next.length === 0 ? 'there are no tasks yet' : `the nearest names are ${listed(said(next))}`;
}

function either(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
