import { parseKeyLine } from './key-line.ts';
import { splitCells, unquote } from './scalar.ts';
import { isBlank, isDash, type Line, lineAt, lineText, type Source } from './source.ts';
import { itemStarts, rawValue, type TreeNode } from './tree.ts';

/** An item of a list, with the 0-based line where it starts. */
export interface Item {
  readonly text: string;
  readonly line: number;
}

const NOTHING: ReadonlySet<string> = new Set(['', '[]', '{}', 'null', '~', '""']);
const LABELLED = /^(?:id|task|task_id)[ \t]*:[ \t]*(?=\S)/i;
const GROUP = /^[^:]*(?::|\[\d*\]:)$/;

/**
 * The items of a list in any form: bare lines, `- ` lines, block text, an inline array, a single value. Texts are
 * verbatim except for the dash and the quotes of TOON. Deeper lines are part of their item, unless the item is only a
 * heading (`Backend:`): then the lines below it are items instead.
 */
export function itemsOf(source: Source, node: TreeNode): readonly Item[] {
  switch (node.kind) {
    case 'list':
      return listItems(source, node.items, node.end);
    case 'text':
      return listItems(source, itemStarts(source, node.line + 1, node.end, undefined), node.end);
    case 'inline':
      return inlineItems(source, node);
    case 'scalar':
      return scalarItems(source, node);
    default:
      return [];
  }
}

/** A row of a table. */
export interface Row extends Item {
  /** Without quotes. */
  readonly cells: readonly string[];
}

/** The rows of a table with `width` columns. Rows on the line of the header are told apart by their number of cells. */
export function rowsOf(source: Source, node: TreeNode, width: number): readonly Row[] {
  if (node.kind === 'inline' && width > 0) {
    const cells = cellsOf(rawValue(source, node), node.delimiter, width);
    if (cells.length > width && cells.length % width === 0) {
      return Array.from({ length: cells.length / width }, (_, row) => {
        const own = cells.slice(row * width, (row + 1) * width);
        return { cells: own, text: own.join(node.delimiter), line: node.line };
      });
    }
    if (cells.length === width) return [{ cells, text: rawValue(source, node), line: node.line }];
  }
  return itemsOf(source, node).map((item) => ({ ...item, cells: cellsOf(item.text, node.delimiter, width) }));
}

/**
 * TOON cuts at every comma. If only cutting outside parentheses gives the announced number of cells, that was meant.
 */
function cellsOf(row: string, delimiter: string, width: number): string[] {
  const cells = splitCells(row, delimiter);
  const careful =
    cells.length !== width && row.includes('(') ? splitCells(row, delimiter, { parentheses: true }) : cells;
  return (careful.length === width ? careful : cells).map(unquote);
}

/**
 * The fields of an item that is a map: `id: TASK-1` with its other keys below, or `{id: TASK-1, kind: blocks}`.
 * @returns undefined if it is a text. A single `key: value` is a text, unless it names a task by `id`, `task` or
 * `task_id`.
 */
export function fieldsOfItem(text: string): readonly (readonly [string, string])[] | undefined {
  const isFlow = text.startsWith('{') && text.endsWith('}');
  if (!isFlow && !text.includes('\n')) {
    const only = LABELLED.exec(text)?.[0];
    return only === undefined ? undefined : [['id', unquote(text.slice(only.length))]];
  }
  const lines = isFlow ? splitCells(text.slice(1, -1), ',', { parentheses: true, braces: true }) : text.split('\n');
  const fields: [string, string][] = [];
  for (const [index, line] of lines.entries()) {
    const key = parseKeyLine(line, 0, line.length);
    if (key?.word === true) fields.push([key.key, unquote(line.slice(key.valueFrom))]);
    else if (index === 0) return undefined;
  }
  return fields;
}

/** How many items the body of a counted header has, by each way of counting that a writer may have meant. */
export function itemCounts(source: Source, node: TreeNode): readonly number[] {
  if (node.kind === 'map') return [node.children.length];
  if (node.kind === 'list' && node.items.length === node.count) return [node.count];
  const items = itemsOf(source, node).length;
  return node.kind === 'list' ? [node.items.length, items] : [items];
}

/** The lines `[low, high)` without their common indentation, carriage returns, and blank lines at both ends. */
export function dedent(source: Source, low: number, high: number): string {
  let margin = Number.POSITIVE_INFINITY;
  let first = high;
  let after = high;
  for (let at = low; at < high; at++) {
    const line = lineAt(source, at);
    if (isBlank(line)) continue;
    margin = Math.min(margin, line.from - line.start);
    first = Math.min(first, at);
    after = at + 1;
  }
  const lines: string[] = [];
  for (let at = first; at < after; at++) {
    const line = lineAt(source, at);
    lines.push(isBlank(line) ? '' : source.text.slice(line.start + margin, contentEnd(source, line)));
  }
  return lines.join('\n');
}

function listItems(source: Source, starts: readonly number[], end: number): readonly Item[] {
  const items: Item[] = [];
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index] ?? end;
    const next = starts[index + 1] ?? end;
    const line = lineAt(source, start);
    const own = withoutDash(source, line);
    const deeper = deeperLines(source, start + 1, next);
    if (deeper.length === 0) items.push({ text: unquote(own), line: start });
    else if (isHeading(own)) {
      for (const item of listItems(source, itemStarts(source, start + 1, next, undefined), next)) items.push(item);
    } else {
      const rest = deeper.map((at) => lineText(source, lineAt(source, at)));
      items.push({ text: [own, ...rest].join('\n'), line: start });
    }
  }
  return items;
}

function isHeading(own: string): boolean {
  const bracket = own.indexOf('[');
  return GROUP.test(own) && !/\d/.test(bracket < 0 ? own : own.slice(0, bracket));
}

function deeperLines(source: Source, low: number, high: number): number[] {
  const lines: number[] = [];
  for (let at = low; at < high; at++) if (!isBlank(lineAt(source, at))) lines.push(at);
  return lines;
}

function withoutDash(source: Source, line: Line): string {
  const text = lineText(source, line);
  return isDash(source, line) ? text.slice(1).replace(/^[ \t]+/, '') : text;
}

/** TOON cuts at every comma. If only cutting outside parentheses agrees with the count, that was meant. */
function inlineItems(source: Source, node: TreeNode): readonly Item[] {
  const raw = rawValue(source, node);
  let cells = splitCells(raw, node.delimiter);
  if (node.count !== undefined && cells.length !== node.count && raw.includes('(')) {
    const careful = splitCells(raw, node.delimiter, { parentheses: true });
    if (careful.length === node.count) cells = careful;
  }
  if ((node.count ?? 0) === 0 && NOTHING.has(raw)) return [];
  return cells.map((cell) => ({ text: unquote(cell), line: node.line }));
}

/** `required: TASK-001`, `required: []`, and the flow lists of other notations. */
function scalarItems(source: Source, node: TreeNode): readonly Item[] {
  const raw = rawValue(source, node);
  if (NOTHING.has(raw)) return [];
  const flow = flowOf(source, node, raw);
  if (flow !== undefined) {
    const cells = splitCells(flow, ',', { parentheses: true, braces: /^\s*\{/.test(flow) });
    return cells.filter((cell) => cell !== '').map((cell) => ({ text: unquote(cell), line: node.line }));
  }
  const rest = deeperLines(source, node.line + 1, node.end).map((at) => ({
    text: withoutDash(source, lineAt(source, at)),
    line: at,
  }));
  return [{ text: unquote(raw), line: node.line }, ...rest];
}

/** What is between the brackets of a flow list, on one line or several; a closing bracket may be missing. */
function flowOf(source: Source, node: TreeNode, raw: string): string | undefined {
  if (!raw.startsWith('[')) return undefined;
  if (raw.endsWith(']')) return raw.slice(1, -1);
  const deeper = deeperLines(source, node.line + 1, node.end).map((at) => lineText(source, lineAt(source, at)));
  if (deeper.length === 0) return undefined;
  const whole = [raw, ...deeper].join(' ');
  return whole.slice(1, whole.endsWith(']') ? -1 : undefined);
}

function contentEnd(source: Source, line: Line): number {
  const { text } = source;
  let end = line.end;
  if (text.charCodeAt(end - 1) === 10) end--;
  return text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}
