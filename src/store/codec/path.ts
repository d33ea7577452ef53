import type { TreeNode } from './tree.ts';

/**
 * Every node at the path, in the order of the file. Keys may hold several steps at once: `task.description:` and
 * `task.status:` of the older layout are found like nested ones.
 */
export function findAll(nodes: readonly TreeNode[], ...path: readonly string[]): readonly TreeNode[] {
  const found: TreeNode[] = [];
  collect(nodes, path, 0, found);
  return found;
}

export function findFirst(nodes: readonly TreeNode[], ...path: readonly string[]): TreeNode | undefined {
  return findAll(nodes, ...path)[0];
}

export function findLast(nodes: readonly TreeNode[], ...path: readonly string[]): TreeNode | undefined {
  return findAll(nodes, ...path).at(-1);
}

function collect(nodes: readonly TreeNode[], path: readonly string[], from: number, found: TreeNode[]): void {
  for (const node of nodes) {
    const next = stepsTaken(node.key, path, from);
    if (next === undefined) continue;
    if (next === path.length) found.push(node);
    else collect(node.children, path, next, found);
  }
}

/** Index of the step after those that the key takes, or undefined where it leads elsewhere. */
function stepsTaken(key: string, path: readonly string[], from: number): number | undefined {
  if (key === path[from]) return from + 1;
  if (!key.includes('.')) return undefined;
  const steps = key.split('.');
  if (from + steps.length > path.length) return undefined;
  return steps.every((step, index) => step === path[from + index]) ? from + steps.length : undefined;
}
