import type { Heading, List, ListItem, Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';

export type { Heading, List, ListItem, Nodes, Root };

/** The Markdown as a tree with places; `- [ ]` are items of a check list, as on GitHub. */
export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, {
    extensions: [gfmTaskListItem()],
    mdastExtensions: [gfmTaskListItemFromMarkdown()],
  });
}

/** The 1-based line that the node begins in. */
export function lineOf({ position }: Nodes): number {
  return position?.start.line ?? 1;
}

/**
 * The lines of nodes that stand below one another inside a list item, without the indentation that they have there.
 */
export function linesOf(text: string, nodes: readonly Nodes[]): string {
  const [first] = nodes;
  const last = nodes.at(-1);
  if (first === undefined || last === undefined) return '';
  const column = (first.position?.start.column ?? 1) - 1;
  const lines = text.slice(first.position?.start.offset ?? 0, last.position?.end.offset ?? 0).split('\n');
  return lines.map((line, index) => (index === 0 ? line : withoutIndent(line, column))).join('\n');
}

function withoutIndent(line: string, columns: number): string {
  let at = 0;
  while (at < columns && (line[at] === ' ' || line[at] === '\t')) at++;
  return line.slice(at);
}
