import { LAYOUT_FOLDERS, type LayoutFolder, type LayoutName, onlyProjectOf, PROJECT_PART } from './layouts.ts';
import type { TaskState } from './task.ts';

/** A folder of one or more layouts. */
export interface LayoutNode {
  /** Folders in it with fixed names. They are not projects, whatever is in them. */
  readonly named: ReadonlyMap<string, LayoutNode>;
  /** What every other folder in it is: a project; undefined: no part of a queue. */
  readonly project: LayoutNode | undefined;
  readonly holds: HeldTasks | undefined;
  /** The layouts that have something here or below. */
  readonly layouts: ReadonlySet<LayoutName>;
}

/** Tasks whose files are directly in a folder. */
export interface HeldTasks {
  readonly state: TaskState;
  /** In the order of the table of layouts. */
  readonly layouts: readonly LayoutName[];
  /** The project of these tasks, if no folder names it. */
  readonly onlyProject: string | undefined;
}

/** The folders of all layouts, starting at the root of a repository. */
export const LAYOUT_TREE: LayoutNode = treeOf(LAYOUT_FOLDERS);

/** The node of a folder in this one; undefined: no part of a queue. */
export function childOf(node: LayoutNode, name: string): LayoutNode | undefined {
  return node.named.get(name) ?? node.project;
}

/** Whether this folder can hold other folders of a queue. */
export function isParent({ named, project }: LayoutNode): boolean {
  return named.size > 0 || project !== undefined;
}

/** Whether completed tasks may have been archived in folders of any name in this one (by month, for example). */
export function hasArchives(node: LayoutNode): boolean {
  return node.holds?.state === 'completed' && !isParent(node);
}

function treeOf(folders: readonly LayoutFolder[]): LayoutNode {
  const children = new Map<string, LayoutFolder[]>();
  const here: LayoutFolder[] = [];
  for (const folder of folders) {
    const [part, ...below] = folder.parts;
    if (part === undefined) here.push(folder);
    else children.set(part, [...(children.get(part) ?? []), { ...folder, parts: below }]);
  }
  const named = new Map([...children].map(([part, below]) => [part, treeOf(below)]));
  const project = named.get(PROJECT_PART);
  named.delete(PROJECT_PART);
  const [first] = here;
  return {
    named,
    project,
    holds: first && {
      state: first.state,
      layouts: here.map(({ layout }) => layout),
      onlyProject: onlyProjectOf(first.layout),
    },
    layouts: new Set(folders.map(({ layout }) => layout)),
  };
}
