import { createHash } from 'node:crypto';
import { given } from '../../../domain/base/given.ts';
import type { ForeignTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import { labelsFrom, priorityInLabel, toLine, toText } from '../../../domain/moving/words.ts';
import type { SourceText } from '../checked.ts';
import { type ListItem, lineOf, linesOf, type Nodes, parseMarkdown } from './markdown-tree.ts';

export const markdownRules: TrackerRules = {
  tracker: 'markdown',
  names: 'are-refs',
  parts: 'are-apart',
  twice: 'refuse',
  canonical: (name) => name,
};

/** Deepest nesting of items that is followed. */
const DEEPEST = 20;

/**
 * Reads check lists: each `- [ ]` is a task, `- [x]` one that is done, and items below one another are parts of a
 * whole. The nearest heading is the batch. What else an item says is its description. `(P1)` is a priority, `#api` at
 * its end a label. Lists without boxes, and code, are no tasks.
 */
export function readMarkdown(source: SourceText): readonly ForeignTask[] {
  const text = source.text.replaceAll('\r\n', '\n');
  const found: ForeignTask[] = [];
  const names = new Map<string, number>();
  const headings: string[] = [];
  const visit = (node: Nodes, parent: ForeignTask | undefined, depth: number): void => {
    if (depth > DEEPEST) return;
    if (node.type === 'heading') {
      headings.length = node.depth - 1;
      headings[node.depth - 1] = toLine(linesOf(text, node.children));
      return;
    }
    if (node.type === 'listItem' && typeof node.checked === 'boolean') {
      const task = toForeign(node, parent);
      if (task !== undefined) found.push(task);
      for (const child of node.children) if (child.type === 'list') visit(child, task ?? parent, depth + 1);
      return;
    }
    if ('children' in node) for (const child of node.children) visit(child, parent, depth + 1);
  };
  const toForeign = (item: ListItem, parent: ForeignTask | undefined): ForeignTask | undefined => {
    const [head, ...more] = item.children;
    if (head?.type !== 'paragraph') return undefined;
    const [first = '', ...rest] = linesOf(text, [head]).split('\n');
    const { title, labels, priority } = titleOf(first);
    if (title === '') return undefined;
    const below = more.filter(({ type }) => type !== 'list');
    const path = [...headings.filter((heading) => heading !== undefined), parent?.name ?? '', title].join('\n');
    const batch = headings.filter((heading) => heading !== undefined).at(-1);
    const word = item.checked === true ? 'done' : 'open';
    return {
      place: `${source.name}:${lineOf(item)}`,
      name: nameOf(path, names),
      title,
      ...given({
        priority,
        text: toText([rest.join('\n'), linesOf(text, below)].filter((part) => part !== '').join('\n\n')),
        batch: batch === undefined || batch === '' ? undefined : batch.slice(0, 100),
        parent: parent?.name,
      }),
      criteria: [],
      labels: labelsFrom(labels),
      state: word,
      word,
      requires: [],
    };
  };
  visit(parseMarkdown(text), undefined, 0);
  return found;
}

/** Nothing else tells an item from others: its title, and where it stands. The second of the same is another task. */
function nameOf(path: string, names: Map<string, number>): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  const count = (names.get(hash) ?? 0) + 1;
  names.set(hash, count);
  return count === 1 ? hash : `${hash}-${count}`;
}

function titleOf(line: string): {
  readonly title: string;
  readonly labels: readonly string[];
  readonly priority: number | undefined;
} {
  let title = toLine(withoutComments(line));
  const labels: string[] = [];
  for (let tag = TAG.exec(title); tag !== null && labels.length < 20; tag = TAG.exec(title)) {
    labels.unshift(tag[1] ?? '');
    title = title.slice(0, tag.index).trimEnd();
  }
  const stated = /\s?[([]([\w: -]{1,30})[)\]]$/.exec(title);
  const priority = stated === null ? undefined : priorityInLabel(stated[1] ?? '');
  if (stated !== null && priority !== undefined) title = title.slice(0, stated.index).trimEnd();
  return { title, labels, priority };
}

const TAG = /(?:^|\s)#([\p{L}][\p{L}\p{N}:/_-]{0,60})$/u;

function withoutComments(line: string): string {
  const [first = '', ...parts] = line.split('<!--');
  const rest = parts.map((part) => {
    const end = part.indexOf('-->');
    return end < 0 ? `<!--${part}` : part.slice(end + 3);
  });
  return [first, ...rest].join('');
}
