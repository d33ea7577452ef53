import type { ParsedFile } from './read-task.ts';
import { lineAt, lineText, type Source } from './text/source.ts';
import type { TreeNode } from './text/tree.ts';

/** One key of a file with its depth, its kind and everything in it except deeper keys. */
export interface OutlineEntry {
  readonly node: TreeNode;
  readonly depth: number;
  readonly text: string;
}

/**
 * All that a file says, entry by entry in its order: two files with equal outlines mean the same. To check an edit, the
 * outline that it should lead to is compared with the outline of the text that it led to.
 */
export function outlineOf(file: ParsedFile): readonly OutlineEntry[] {
  const entries: OutlineEntry[] = [];
  const walk = (nodes: readonly TreeNode[], depth: number): void => {
    for (const node of nodes) {
      entries.push({ node, depth, text: entryText(depth, node.kind, ownText(file.source, node)) });
      walk(node.children, depth + 1);
    }
  };
  walk(file.tree, 0);
  return entries;
}

/** The entry for a `key: value` line at the depth. */
export function scalarEntry(depth: number, line: string): string {
  return entryText(depth, 'scalar', line);
}

/** Index after the entry and everything below it. */
export function afterSubtree(entries: readonly OutlineEntry[], index: number): number {
  const depth = entries[index]?.depth ?? 0;
  let after = index + 1;
  while ((entries[after]?.depth ?? -1) > depth) after++;
  return after;
}

function entryText(depth: number, kind: TreeNode['kind'], text: string): string {
  return `${depth} ${kind} ${text}`;
}

function ownText(source: Source, node: TreeNode): string {
  const last = node.kind === 'map' ? node.line + 1 : node.end;
  const lines: string[] = [];
  for (let at = node.line; at < last; at++) lines.push(lineText(source, lineAt(source, at)));
  return lines.join('\n');
}
