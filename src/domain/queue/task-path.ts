import { projectProblem } from '../base/names.ts';
import { TASK_FILE_NAME, type TaskKey, type TaskState } from './task.ts';

/** The folders in which tasks are, in all layouts: what is elsewhere in a tree is none of the queue's business. */
export const QUEUE_FOLDERS: readonly string[] = ['.agents', '.agents-core/state', 'state'];

/** Which task a path is, and in which state, told by the path alone. */
export interface TaskPlace {
  readonly key: TaskKey;
  readonly state: TaskState;
}

const STATE_OF: Readonly<Record<string, TaskState>> = { tasks: 'ready', claimed: 'claimed', completed: 'completed' };

/** Folders of `.agents/` that are no projects. */
const RESERVED: ReadonlySet<string> = new Set(['projects', 'tasks', 'claimed', 'completed']);

/**
 * The task that a path of any layout (CONTRACT 1) is; undefined where it is no task file. History is read by this: the
 * trees of every commit would have to be read to know more, and folders that look like a queue's and are not are rare.
 */
export function taskAt(path: string): TaskPlace | undefined {
  const parts = path.split('/');
  const id = TASK_FILE_NAME.exec(parts.pop() ?? '')?.[1];
  if (id === undefined) return undefined;
  const [project, state] = placeOf(parts) ?? [];
  if (project === undefined || state === undefined || projectProblem(project) !== undefined) return undefined;
  return { key: { project, id }, state };
}

function placeOf(folders: readonly string[]): readonly [string, TaskState] | undefined {
  const [first, second, third, ...rest] = folders;
  if (first === '.agents-core') return second === 'state' && third !== undefined ? within(third, rest) : undefined;
  if (first === 'state') return second === undefined ? undefined : within(second, folders.slice(2));
  if (first !== '.agents' || second === undefined) return undefined;
  if (second === 'projects') return third === undefined ? undefined : within(third, rest);
  const state = RESERVED.has(second) ? STATE_OF[second] : undefined;
  if (state === undefined) return within(second, folders.slice(2));
  // Flat: the one project without a folder of its own. Split: one folder a project below the state.
  if (third === undefined) return ['default', state];
  return state !== 'ready' && isStateFolder(state, rest) ? [third, state] : undefined;
}

function within(project: string, [folder, ...below]: readonly string[]): readonly [string, TaskState] | undefined {
  const state = folder === undefined ? undefined : STATE_OF[folder];
  return state !== undefined && isStateFolder(state, below) ? [project, state] : undefined;
}

/** Completed tasks may have been archived one folder deeper. */
function isStateFolder(state: TaskState, below: readonly string[]): boolean {
  return below.length === 0 || (below.length === 1 && state === 'completed');
}
