import { afterSubtree, type OutlineEntry, outlineOf, scalarEntry } from './outline.ts';
import type { ParsedFile } from './read-task.ts';
import { lineAt, newlineOf, type Source } from './text/source.ts';
import type { TreeNode } from './text/tree.ts';

/** A changed text, and the outline it must have: everything else in the file means what it meant before. */
export interface Change {
  readonly text: string;
  readonly outline: readonly string[];
}

/** Why an edit cannot be made; the caller knows which file it is about. */
export class EditRefusal extends Error {
  readonly line: number | undefined;

  /** @param node where in the file the reason is. */
  constructor(message: string, node?: TreeNode) {
    super(message);
    this.line = node === undefined ? undefined : node.line + 1;
  }
}

/** The file as it is. */
export function unchanged(file: ParsedFile): Change {
  return { text: file.source.text, outline: texts(outlineOf(file)) };
}

/** Puts another value into the span `[from, to)` of the node's line. */
export function replaceValue(file: ParsedFile, node: TreeNode, from: number, to: number, value: string): Change {
  const { source } = file;
  const line = lineAt(source, node.line);
  const entries = outlineOf(file);
  const before = source.text.slice(line.from, line.to);
  const after = source.text.slice(line.from, from) + value + source.text.slice(to, line.to);
  return {
    text: source.text.slice(0, from) + value + source.text.slice(to),
    outline: entries.map((entry) => (entry.node === node ? entry.text.replace(before, () => after) : entry.text)),
  };
}

/** Puts the line `key: value` in place of the node and all its lines. */
export function replaceNode(file: ParsedFile, node: TreeNode, content: string): Change {
  const { source } = file;
  const entries = outlineOf(file);
  const index = indexOf(entries, node);
  const outline = texts(entries);
  outline.splice(index, afterSubtree(entries, index) - index, scalarEntry(depthAt(entries, index), content));
  const from = lineAt(source, node.line).from;
  return { text: source.text.slice(0, from) + content + source.text.slice(lastLine(source, node).to), outline };
}

/** Puts the line `key: value` behind the node and all its lines, in the node's own indentation. */
export function insertAfter(file: ParsedFile, node: TreeNode, content: string): Change {
  const { source } = file;
  const entries = outlineOf(file);
  const index = indexOf(entries, node);
  const outline = texts(entries);
  outline.splice(afterSubtree(entries, index), 0, scalarEntry(depthAt(entries, index), content));
  const own = lineAt(source, node.line);
  const line = source.text.slice(own.start, own.from) + content;
  const last = lastLine(source, node);
  const newline = newlineOf(source);
  const inserted = isTerminated(source, last.end) ? line + newline : newline + line;
  return { text: source.text.slice(0, last.end) + inserted + source.text.slice(last.end), outline };
}

/**
 * Takes the node and all its lines away.
 * @param from where the cut begins, when it takes along what stands in front of the node.
 */
export function removeNode(file: ParsedFile, node: TreeNode, from?: number): Change {
  const { source } = file;
  const entries = outlineOf(file);
  const index = indexOf(entries, node);
  const outline = texts(entries);
  outline.splice(index, afterSubtree(entries, index) - index);
  const start = from ?? startOfCut(source, node);
  return { text: source.text.slice(0, start) + source.text.slice(lastLine(source, node).end), outline };
}

/** The line a node ends in. */
export function lastLine(source: Source, node: TreeNode): ReturnType<typeof lineAt> {
  return lineAt(source, node.end - 1);
}

/** Whether a newline stands in front of the offset. */
export function isTerminated(source: Source, end: number): boolean {
  return source.text.charCodeAt(end - 1) === 10;
}

/** The outline as it is compared. */
export function texts(entries: readonly OutlineEntry[]): string[] {
  return entries.map((entry) => entry.text);
}

/** A last line without a newline goes with the newline in front of it: the file keeps having none at its end. */
function startOfCut(source: Source, node: TreeNode): number {
  const start = lineAt(source, node.line).start;
  if (isTerminated(source, lastLine(source, node).end)) return start;
  const newline = newlineOf(source);
  return source.text.endsWith(newline, start) ? start - newline.length : start;
}

function indexOf(entries: readonly OutlineEntry[], node: TreeNode): number {
  const index = entries.findIndex((entry) => entry.node === node);
  if (index < 0) throw new EditRefusal('the place to change is not in the file', node);
  return index;
}

function depthAt(entries: readonly OutlineEntry[], index: number): number {
  return entries[index]?.depth ?? 0;
}
