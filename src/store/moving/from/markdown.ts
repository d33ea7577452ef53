import { createHash } from 'node:crypto';
import { given } from '../../../domain/base/given.ts';
import { newTaskIdProblem, projectProblem } from '../../../domain/base/names.ts';
import type { ForeignTask, OwnTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import { labelsFrom, priorityInLabel, toLine, toText } from '../../../domain/moving/words.ts';
import { parseDependencyEntries, requiredKey } from '../../../domain/queue/dependency-entry.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { inTwo } from '../../input/flat-task.ts';
import type { SourceText } from '../checked.ts';
import { type List, type ListItem, lineOf, linesOf, type Nodes, parseMarkdown } from './markdown-tree.ts';

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
 * its end a label. Lists without boxes, and code, are not tasks.
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
    const facts = factsIn(first);
    const { title, labels, priority } = titleOf(first, facts !== undefined);
    if (title === '') return undefined;
    const { criteria, requires, below } = partsOf(text, more);
    const above = headings.filter((heading) => heading !== undefined);
    const batch = facts === undefined ? above.at(-1) : above[1];
    const word = item.checked === true ? 'done' : 'open';
    const own = facts && ownOf(facts, requires, item.checked === true);
    const described = toText([rest.join('\n'), ...below].filter((part) => part !== '').join('\n\n'));
    return {
      place: `${source.name}:${lineOf(item)}`,
      name: facts?.name ?? nameOf([...above, parent?.name ?? '', title].join('\n'), names),
      title,
      ...given({
        priority: facts?.priority ?? priority,
        type: facts?.type,
        own,
        ...(own === undefined ? { text: described } : firstLine(described)),
        batch: batch === undefined || batch === '' ? undefined : batch.slice(0, 100),
        parent: parent?.name,
      }),
      criteria,
      labels: labelsFrom(labels),
      state: own?.cancellation === undefined ? word : 'dropped',
      word,
      requires: own === undefined ? [] : [...own.required.keys()],
    };
  };
  visit(parseMarkdown(text), undefined, 0);
  return found;
}

/** What a comment behind the title says, as `agentq export` writes it: `web/TASK-7 priority=9 type=ui`. */
interface Facts {
  readonly name: string;
  readonly project: string;
  readonly id: string;
  readonly priority: number | undefined;
  readonly type: string | undefined;
  readonly state: string | undefined;
}

function factsIn(line: string): Facts | undefined {
  const from = line.indexOf('<!-- ');
  const end = line.indexOf(' -->', from);
  const [name = '', ...words] = from < 0 || end < 0 ? [] : line.slice(from + 5, end).split(' ');
  const [project, id, more] = name.split('/');
  if (!project || !id || more !== undefined) return undefined;
  if (projectProblem(project) !== undefined || newTaskIdProblem(id) !== undefined) return undefined;
  const values = new Map(words.map((word) => [word.split('=', 1)[0] ?? '', word.slice(word.indexOf('=') + 1)]));
  const priority = Number(values.get('priority') ?? 'none');
  return {
    name,
    project,
    id,
    priority: Number.isFinite(priority) ? priority : undefined,
    type: values.get('type'),
    state: values.get('state'),
  };
}

function ownOf({ project, id, state }: Facts, requires: readonly string[], isDone: boolean): OwnTask {
  const required = requires
    .flatMap((text) => parseDependencyEntries(text, 1, project))
    .flatMap((entry): [string, string][] =>
      entry.id === undefined ? [] : [[formatKey(requiredKey(entry.id, project)), entry.text]],
    );
  return {
    project,
    id,
    required: new Map(required),
    blocks: [],
    ...given({
      status: state === 'blocked' || state === 'asking' ? ('blocked' as const) : undefined,
      cancellation: isDone && state === 'cancelled' ? { at: '1970-01-01T00:00:00Z' } : undefined,
    }),
  };
}

/** The criteria and requirements that an item names, and the rest of its text, in the parts between these. */
function partsOf(
  text: string,
  nodes: readonly Nodes[],
): { readonly criteria: readonly string[]; readonly requires: readonly string[]; readonly below: readonly string[] } {
  const criteria: string[] = [];
  const requires: string[] = [];
  const below: string[] = [];
  let run: Nodes[] = [];
  const endRun = (): void => {
    below.push(linesOf(text, run));
    run = [];
  };
  let isHeaded = false;
  for (const node of nodes) {
    const words = node.type === 'paragraph' ? linesOf(text, [node]).trim() : '';
    const isHeading = /^acceptance criteria:$/i.test(words);
    const isRequires = /^requires: \S/i.test(words) && !words.includes('\n');
    if (isHeaded && node.type === 'list') {
      criteria.push(
        ...node.children.flatMap((item) => toText(linesOf(text, item.children).replace(/^\\(?=\[[ xX]\])/, '')) ?? []),
      );
    } else if (isRequires) requires.push(...words.slice('requires: '.length).split(', '));
    if (isHeading || isRequires || (node.type === 'list' && (isHeaded || hasBoxes(node)))) endRun();
    else run.push(node);
    isHeaded = isHeading;
  }
  endRun();
  return { criteria, requires, below };
}

/** A text as an export has it: the summary, and the details below. */
function firstLine(text: string | undefined): Pick<ForeignTask, 'summary' | 'text'> {
  if (text === undefined) return {};
  const { summary, details } = inTwo(text);
  return { summary, ...given({ text: details }) };
}

function hasBoxes({ children }: List): boolean {
  return children.some(({ checked }) => typeof checked === 'boolean');
}

/** Nothing else tells an item from others: its title, and where it stands. The second of the same is another task. */
function nameOf(path: string, names: Map<string, number>): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 12);
  const count = (names.get(hash) ?? 0) + 1;
  names.set(hash, count);
  return count === 1 ? hash : `${hash}-${count}`;
}

function titleOf(
  line: string,
  isOwn: boolean,
): {
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
  const stated = isOwn ? null : /\s?[([]([\w: -]{1,30})[)\]]$/.exec(title);
  const priority = stated === null ? undefined : priorityInLabel(stated[1] ?? '');
  if (stated !== null && priority !== undefined) title = title.slice(0, stated.index).trimEnd();
  return { title: title.replace(ESCAPED, '$1'), labels, priority };
}

/** A backslash in front of a sign, which then is nothing but itself. */
const ESCAPED = /\\([!-/:-@[-`{-~])/g;
const TAG = /(?:^|\s)#([\p{L}][\p{L}\p{N}:/_-]{0,60})$/u;

function withoutComments(line: string): string {
  const [first = '', ...parts] = line.split('<!--');
  const rest = parts.map((part) => {
    const end = part.indexOf('-->');
    return end < 0 ? `<!--${part}` : part.slice(end + 3);
  });
  return [first, ...rest].join('');
}
