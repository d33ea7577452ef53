import { projectProblem } from '../base/names.ts';
import { childOf, hasArchives, LAYOUT_TREE, type LayoutNode } from './layout-tree.ts';
import { TASK_FILE_NAME, type TaskKey, type TaskState } from './task.ts';

/** The folders that hold tasks, in all layouts. The queue ignores the rest of a tree. */
export const QUEUE_FOLDERS: readonly string[] = queueFolders(LAYOUT_TREE);

/** The task and the state that a path stands for. */
export interface TaskPlace {
  readonly key: TaskKey;
  readonly state: TaskState;
}

/**
 * The task that a path stands for, in any layout (CONTRACT 1); undefined if it is not a task file. History is read by
 * paths alone: to know more, the trees of every commit would have to be read, and folders that only look like a queue's
 * are rare.
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

/** The topmost folders that hold tasks or projects. */
function queueFolders({ named }: LayoutNode, above = ''): string[] {
  return [...named].flatMap(([name, node]) => {
    const path = `${above}${name}`;
    return node.holds === undefined && node.project === undefined ? queueFolders(node, `${path}/`) : [path];
  });
}
