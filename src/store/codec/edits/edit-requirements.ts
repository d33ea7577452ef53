import { parseDependencyEntries } from '../../../domain/queue/dependency-entry.ts';
import type { SetField } from '../../../domain/queue/edit.ts';
import type { DependencyEntry } from '../../../domain/queue/task.ts';
import { isSameList } from '../../../domain/resolving/same-list.ts';
import { parseNeeds } from '../../../domain/rules/needs.ts';
import { dependenciesOf, type Found, listsOf } from '../dependencies.ts';
import type { Where } from '../interpret.ts';
import { outlineOf } from '../outline.ts';
import { type ParsedFile, parseText } from '../read-task.ts';
import { type Item, itemsOf, rowsOf } from '../text/items.ts';
import { splitCells, unquote } from '../text/scalar.ts';
import { isBlank, isComment, type Line, lineAt, newlineOf, type Source } from '../text/source.ts';
import { rawValue, type TreeNode } from '../text/tree.ts';
import { type Change, EditRefusal, isTerminated, texts } from './change.ts';
import { setField } from './set-field.ts';

/** A span of the text, and what comes in its place. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Whether an entry, as it is written, names nothing but tasks that go; `partly`: it names others, too. */
type Naming = 'gone' | 'partly' | 'other';

/**
 * Removes the entries that name these tasks from every list that makes the task wait, and corrects the counts. The
 * other entries stay as they are written, and so does the rest of the file.
 *
 * @param ids as the task names them: `TASK-7`, `billing/TASK-7`
 */
export function dropRequirements(file: ParsedFile, ids: readonly string[], where: Where): Change {
  const { source, tree } = file;
  const gone = new Set(ids);
  const lists = listsOf(source, tree).filter(({ role }) => role !== 'blocks');
  const cuts = lists.flatMap((list) => cutsIn(source, list, (text) => namingOf(text, list, gone, where)));
  const text = cuts.sort((a, b) => b.from - a.from).reduce(applied, source.text);
  const after = parseText(text);
  expectOnlyThat(file, after, gone, where);
  return { text, outline: texts(outlineOf(after)) };
}

/**
 * Sets the list of requirements. Where entries only go, the others stay as they are written, in whatever lists. What
 * the new list does not name is taken out of lists that gate under other names, too: the task would still wait for
 * that.
 */
export function setRequirements(file: ParsedFile, edit: SetRequired, where: Where): Change {
  const wanted = new Set(edit.value.map(({ id }) => id));
  const before = requiredIn(file, where);
  const gone = idsWithout(before, wanted);
  const kept = before.filter(({ id }) => id === undefined || wanted.has(id));
  if (isSameList(textsIn(kept), textsIn(edit.value))) {
    if (gone.length === 0) return { text: file.source.text, outline: texts(outlineOf(file)) };
    const cut = orRefused(() => dropRequirements(file, gone, where));
    if (cut !== undefined) return cut;
  }
  const change = setField(file, edit);
  const after = parseText(change.text);
  const left = idsWithout(requiredIn(after, where), wanted);
  if (left.length === 0) return change;
  if (!isSameList(texts(outlineOf(after)), change.outline)) {
    throw new EditRefusal('the list cannot be set without more of the file');
  }
  return dropRequirements(after, left, where);
}

function requiredIn({ source, tree }: ParsedFile, where: Where): readonly DependencyEntry[] {
  return dependenciesOf(source, tree, where).required;
}

function idsWithout(entries: readonly DependencyEntry[], wanted: ReadonlySet<string | undefined>): readonly string[] {
  return entries.flatMap(({ id }) => (id === undefined || wanted.has(id) ? [] : [id]));
}

function textsIn(entries: readonly DependencyEntry[]): readonly string[] {
  return entries.map(({ text }) => text);
}

/** undefined: the entries cannot be cut out of their lists, which can perhaps still be written as a whole. */
function orRefused(cut: () => Change): Change | undefined {
  try {
    return cut();
  } catch (error) {
    if (error instanceof EditRefusal) return undefined;
    throw error;
  }
}

type SetRequired = Extract<SetField, { readonly section: 'dependencies' }>;

function applied(text: string, { from, to, text: instead }: Cut): string {
  return text.slice(0, from) + instead + text.slice(to);
}

function namingOf(text: string, { role }: Found, gone: ReadonlySet<string>, where: Where): Naming {
  const { project, id: own } = where;
  const parsed = role === 'needs' ? parseNeeds(text, 1, project, own) : undefined;
  const entries =
    parsed === undefined ? parseDependencyEntries(text, 1, project) : [...parsed.required, ...parsed.words];
  const named = entries.filter(({ id }) => id !== undefined && gone.has(id));
  if (named.length === 0) return 'other';
  return named.length === entries.length ? 'gone' : 'partly';
}

function cutsIn(source: Source, { node }: Found, naming: (text: string) => Naming): readonly Cut[] {
  switch (node.kind) {
    case 'inline':
      return cellCuts(source, node, { from: node.valueFrom, to: node.valueTo }, naming);
    case 'scalar':
      return scalarCuts(source, node, naming);
    case 'map':
      return lineCuts(
        source,
        node,
        node.children
          .filter(({ kind, key }) => kind !== 'loose' && /\d/.test(key))
          .map(({ line, key }) => ({ line, text: key })),
        naming,
      );
    case 'list':
    case 'text':
      return lineCuts(source, node, rowsIn(source, node), naming);
    case 'loose':
      return [];
  }
}

function rowsIn(source: Source, node: TreeNode): readonly Item[] {
  if (node.fields === undefined) return itemsOf(source, node);
  // Any cell of a row may be the one that names the task.
  return rowsOf(source, node, node.fields.length).map(({ cells, line, text }) => ({ line, text: cells[0] ?? text }));
}

/** Cuts whole lines. An entry on one line that also names other tasks loses its part of the line. */
function lineCuts(
  source: Source,
  node: TreeNode,
  items: readonly Item[],
  naming: (text: string) => Naming,
): readonly Cut[] {
  const starts = new Set([...items.map(({ line }) => line), ...node.items]);
  const cuts: Cut[] = [];
  let dropped = 0;
  for (const { line, text } of items) {
    const is = naming(text);
    if (is === 'other') continue;
    const end = endOf(source, node, starts, line);
    const own = lineAt(source, line);
    if (is === 'partly') {
      if (end !== line + 1) throw new EditRefusal('the entry names other tasks, too', node);
      const from = own.from + source.text.slice(own.from, own.to).length - text.length;
      cuts.push(...partCuts(source, node, { from, to: own.to }, naming));
      continue;
    }
    dropped++;
    const last = lineAt(source, end - 1);
    cuts.push({ from: own.start, to: last.end, text: '' });
  }
  if (dropped === 0) return cuts;
  const isEmpty = dropped === items.length;
  if (isEmpty && node.kind === 'text') return [wholeCut(source, node, `${node.key}[0]:`)];
  return withoutLastBreak(source, [...cuts, ...countCut(source, node, dropped)]);
}

/** After the last line of the item; blank lines and comments between items belong to none. */
function endOf(source: Source, node: TreeNode, starts: ReadonlySet<number>, line: number): number {
  let end = line + 1;
  for (let at = line + 1; at < node.end && !starts.has(at); at++) {
    const next: Line = lineAt(source, at);
    if (!isBlank(next) && !isComment(source, next)) end = at + 1;
  }
  return end;
}

/** If the last line of the file is removed, and had no newline, the file still ends without one. */
function withoutLastBreak(source: Source, cuts: readonly Cut[]): readonly Cut[] {
  const { text } = source;
  if (isTerminated(source, text.length)) return cuts;
  const newline = newlineOf(source);
  return cuts.map((cut) => {
    const isLast = cut.to === text.length && cut.text === '' && text.endsWith(newline, cut.from);
    return isLast ? { ...cut, from: cut.from - newline.length } : cut;
  });
}

/** `required: TASK-1`, `required: TASK-1, TASK-2` and `required: [TASK-1]`, on one line. */
function scalarCuts(source: Source, node: TreeNode, naming: (text: string) => Naming): readonly Cut[] {
  const raw = rawValue(source, node);
  const isFlow = raw.startsWith('[') && raw.endsWith(']');
  const items = itemsOf(source, node);
  if (items.every(({ text }) => naming(text) === 'other')) return [];
  if (node.end !== node.line + 1) throw new EditRefusal(`${node.key} goes over several lines`, node);
  if (isFlow) return cellCuts(source, node, { from: node.valueFrom + 1, to: node.valueTo - 1 }, naming);
  if (naming(unquote(raw)) === 'gone') return [{ from: node.valueFrom, to: node.valueTo, text: '[]' }];
  return partCuts(source, node, { from: node.valueFrom, to: node.valueTo }, naming);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function cellCuts(source: Source, node: TreeNode, span: Span, naming: (text: string) => Naming): readonly Cut[] {
  const cells = spansOf(source, span, splitCells(source.text.slice(span.from, span.to), node.delimiter));
  const is = cells.map(({ from, to }) => naming(unquote(source.text.slice(from, to))));
  if (is.includes('partly')) throw new EditRefusal('an entry names other tasks, too', node);
  const dropped = is.filter((one) => one === 'gone').length;
  if (dropped === 0) return [];
  const cuts = cutsBetween(span, cells, is);
  if (dropped < cells.length || node.kind !== 'inline') return [...cuts, ...countCut(source, node, dropped)];
  // With the blank after the colon: an empty list has nothing there.
  const colon = source.text.lastIndexOf(':', node.valueFrom) + 1;
  return [{ from: colon, to: node.valueTo, text: '' }, ...countCut(source, node, dropped)];
}

/** An entry such as `TASK-1, TASK-2`: it loses the tasks that go. */
function partCuts(source: Source, node: TreeNode, span: Span, naming: (text: string) => Naming): readonly Cut[] {
  const text = source.text.slice(span.from, span.to);
  const parts = spansOf(source, span, splitCells(text, ',', { parentheses: true }));
  const is = parts.map(({ from, to }) => naming(source.text.slice(from, to)));
  if (text.startsWith('"') || is.includes('partly') || !is.includes('gone')) {
    throw new EditRefusal('an entry names other tasks, too', node);
  }
  return cutsBetween(span, parts, is);
}

function spansOf(source: Source, { from }: Span, cells: readonly string[]): readonly Span[] {
  let at = from;
  return cells.map((cell) => {
    const start = source.text.indexOf(cell, at);
    at = start + cell.length;
    return { from: start, to: at };
  });
}

/** Cuts the cells that go, with the delimiter after them; at the end of the list, with the one before them. */
function cutsBetween({ to: end }: Span, cells: readonly Span[], is: readonly Naming[]): readonly Cut[] {
  const kept = is.lastIndexOf('other');
  const cuts: Cut[] = [];
  for (const [index, cell] of cells.entries()) {
    if (is[index] !== 'gone' || index > kept) continue;
    cuts.push({ from: cell.from, to: cells[index + 1]?.from ?? end, text: '' });
  }
  const last = cells[kept];
  const first = cells[0];
  if (kept < cells.length - 1 && first !== undefined) {
    cuts.push({ from: last?.to ?? first.from, to: cells.at(-1)?.to ?? end, text: '' });
  }
  return cuts;
}

/** The number in `required[3]:`, which may be wrong before and is as wrong after. */
function countCut(source: Source, node: TreeNode, dropped: number): readonly Cut[] {
  if (node.count === undefined) return [];
  const line = lineAt(source, node.line);
  const digits = /\[ *#?(\d+)/.exec(source.text.slice(line.from, line.to));
  if (digits?.[1] === undefined) return [];
  const to = line.from + digits.index + digits[0].length;
  return [{ from: to - digits[1].length, to, text: String(Math.max(0, node.count - dropped)) }];
}

function wholeCut(source: Source, node: TreeNode, text: string): Cut {
  const last = lineAt(source, node.end - 1);
  return { from: lineAt(source, node.line).from, to: last.to, text };
}

/** @throws EditRefusal unless the file says the same as before, except for these requirements */
function expectOnlyThat(before: ParsedFile, after: ParsedFile, gone: ReadonlySet<string>, where: Where): void {
  const [old, now] = [before, after].map(({ source, tree }) => dependenciesOf(source, tree, where));
  const saying = (lists: typeof old): string =>
    JSON.stringify(
      [lists?.required, lists?.needs, lists?.blocks].map((entries) =>
        entries?.filter(({ id }) => id === undefined || !gone.has(id)).map(({ id, text }) => [id, text]),
      ),
    );
  const left = [...(now?.required ?? []), ...(now?.needs ?? [])].some(({ id }) => id !== undefined && gone.has(id));
  if (left || saying(old) !== saying(now) || others(before) !== others(after)) {
    throw new EditRefusal('the entry cannot be taken out without more of the file');
  }
}

/** The outline without the lists that make a task wait. */
function others(file: ParsedFile): string {
  const lists = new Set(
    listsOf(file.source, file.tree)
      .filter(({ role }) => role !== 'blocks')
      .map(({ node }) => node),
  );
  const below = new Set<TreeNode>();
  for (const node of lists) for (const child of node.children) below.add(child);
  return outlineOf(file)
    .filter(({ node }) => !lists.has(node) && !below.has(node))
    .map(({ text }) => text)
    .join('\n');
}
