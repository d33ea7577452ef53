import { afterSubtree, type OutlineEntry, outlineOf, scalarEntry } from '../outline.ts';
import { type ParsedFile, parseText } from '../read-task.ts';
import { lineAt, newlineOf, type Source } from '../text/source.ts';
import type { TreeNode } from '../text/tree.ts';

/** A changed text and the outline it must have: everything else in the file means the same as before. */
export interface Change {
  readonly text: string;
  readonly outline: readonly string[];
}

/** Why an edit cannot be made; the caller knows the file. */
export class EditRefusal extends Error {
  readonly line: number | undefined;

  /** @param node the place in the file that is the reason. */
  constructor(message: string, node?: TreeNode) {
    super(message);
    this.line = node === undefined ? undefined : node.line + 1;
  }
}

/** The file as it is. */
export function unchanged(file: ParsedFile): Change {
  return { text: file.source.text, outline: texts(outlineOf(file)) };
}

/** Replaces the span `[from, to)` of the node's line. */
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

/** Replaces the node and all its lines with one line: `key: value`, or a list on the line of its key. */
export function replaceNode(file: ParsedFile, node: TreeNode, content: string): Change {
  const { source } = file;
  const entries = outlineOf(file);
  const index = indexOf(entries, node);
  const outline = texts(entries);
  outline.splice(index, afterSubtree(entries, index) - index, ...entriesOf(content, depthAt(entries, index)));
  const from = lineAt(source, node.line).from;
  return { text: source.text.slice(0, from) + content + source.text.slice(lastLine(source, node).to), outline };
}

/** Inserts lines after the node and all its lines, each with the node's own indentation before its own. */
export function insertLines(file: ParsedFile, node: TreeNode, content: string): Change {
  const { source } = file;
  const entries = outlineOf(file);
  const index = indexOf(entries, node);
  const outline = texts(entries);
  outline.splice(afterSubtree(entries, index), 0, ...entriesOf(content, depthAt(entries, index)));
  const own = lineAt(source, node.line);
  const indent = source.text.slice(own.start, own.from);
  const newline = newlineOf(source);
  const lines = content
    .split('\n')
    .map((line) => indent + line)
    .join(newline);
  const last = lastLine(source, node);
  const inserted = isTerminated(source, last.end) ? lines + newline : newline + lines;
  return { text: source.text.slice(0, last.end) + inserted + source.text.slice(last.end), outline };
}

/** The entries of the lines, as they are at the depth. */
function entriesOf(content: string, depth: number): string[] {
  const entries = outlineOf(parseText(content));
  return entries.map((entry) => `${entry.depth + depth}${entry.text.slice(entry.text.indexOf(' '))}`);
}

/** Inserts the line `key: value` after the node and all its lines, with the node's own indentation. */
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
 * Inserts a section in front of another one at the top of the file.
 * @param at where, no later than the section's first line
 * @param extended the text up to there with the new section after it
 */
export function insertSection(
  file: ParsedFile,
  next: TreeNode,
  at: number,
  extended: (before: ParsedFile) => string,
): Change {
  const { text } = file.source;
  const before = parseText(text.slice(0, at));
  const added = extended(before);
  const entries = outlineOf(file);
  const own = texts(outlineOf(parseText(added))).slice(outlineOf(before).length);
  const outline = texts(entries);
  outline.splice(indexOf(entries, next), 0, ...own);
  // The rest begins with a newline of its own, unless there is nothing in front of it.
  const end =
    isTerminated(file.source, at) || text.charCodeAt(at) === 10 || text.charCodeAt(at) === 13
      ? ''
      : newlineOf(file.source);
  return { text: `${added}${end}${text.slice(at)}`, outline };
}

/**
 * Removes the node and all its lines.
 * @param from where the cut begins, if it includes what is in front of the node.
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

/** Whether there is a newline right before the offset. */
export function isTerminated(source: Source, end: number): boolean {
  return source.text.charCodeAt(end - 1) === 10;
}

/** The texts of the entries: two outlines are compared by these. */
export function texts(entries: readonly OutlineEntry[]): string[] {
  return entries.map((entry) => entry.text);
}

/** If the last line has no newline, the one in front of it is cut instead: the file still has none at its end. */
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
