import { projectProblem } from '../base/names.ts';
import { childOf, hasArchives, LAYOUT_TREE, type LayoutNode } from './layout-tree.ts';
import { TASK_FILE_NAME, type TaskKey, type TaskState } from './task.ts';

/** The folders in which tasks are, in all layouts: what is elsewhere in a tree is none of the queue's business. */
export const QUEUE_FOLDERS: readonly string[] = queueFolders(LAYOUT_TREE);

/** Which task a path is, and in which state, told by the path alone. */
export interface TaskPlace {
  readonly key: TaskKey;
  readonly state: TaskState;
}

/**
 * The task that a path of any layout (CONTRACT 1) is; undefined where it is no task file. History is read by this: the
 * trees of every commit would have to be read to know more, and folders that look like a queue's and are not are rare.
 */
export function taskAt(path: string): TaskPlace | undefined {
  const folders = path.split('/');
  const id = TASK_FILE_NAME.exec(folders.pop() ?? '')?.[1];
  if (id === undefined) return undefined;
  let node = LAYOUT_TREE;
  let named: string | undefined;
  for (const [index, name] of folders.entries()) {
    const child = childOf(node, name);
    if (child === undefined) {
      if (index === folders.length - 1 && hasArchives(node)) break;
      return undefined;
    }
    if (child === node.project) named = name;
    node = child;
  }
  const project = named ?? node.holds?.onlyProject;
  if (node.holds === undefined || project === undefined || projectProblem(project) !== undefined) return undefined;
  return { key: { project, id }, state: node.holds.state };
}

/** Down to where a folder holds tasks or projects; what is below that is below this. */
function queueFolders({ named }: LayoutNode, above = ''): string[] {
  return [...named].flatMap(([name, node]) => {
    const path = `${above}${name}`;
    return node.holds === undefined && node.project === undefined ? queueFolders(node, `${path}/`) : [path];
  });
}
