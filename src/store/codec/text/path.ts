import type { TreeNode } from './tree.ts';

const DOT = 46;

/**
 * Every node at the path, in the order of the file. Keys may hold several steps at once: `task.description:` and
 * `task.status:` of the older layout are found like nested ones.
 */
export function findAll(nodes: readonly TreeNode[], ...path: readonly string[]): readonly TreeNode[] {
  const found: TreeNode[] = [];
  collect(nodes, path, 0, found);
  return found;
}

/** The first of {@link findAll}. */
export function findFirst(nodes: readonly TreeNode[], ...path: readonly string[]): TreeNode | undefined {
  return findAll(nodes, ...path)[0];
}

/** The last of {@link findAll}. */
export function findLast(nodes: readonly TreeNode[], ...path: readonly string[]): TreeNode | undefined {
  return findAll(nodes, ...path).at(-1);
}

function collect(nodes: readonly TreeNode[], path: readonly string[], from: number, found: TreeNode[]): void {
  const step = path[from] ?? '';
  for (const node of nodes) {
    const { key } = node;
    let next = from + 1;
    if (key !== step) {
      // Almost every key leads elsewhere: one character settles that.
      if (key.charCodeAt(step.length) !== DOT || !key.startsWith(step)) continue;
      next = stepsTaken(key, path, from);
    }
    if (next === path.length) found.push(node);
    else if (next > from) collect(node.children, path, next, found);
  }
}

/** Index of the step after those that the dotted key takes; `from` itself if it leads elsewhere. */
function stepsTaken(key: string, path: readonly string[], from: number): number {
  const steps = key.split('.');
  if (from + steps.length > path.length) return from;
  return steps.every((step, index) => step === path[from + index]) ? from + steps.length : from;
}
