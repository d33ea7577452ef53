import { isGatingName } from '../../../domain/rules/relation.ts';
import { isVerbatimList, type KeyLine, parseKeyLine } from './key-line.ts';
import { isBlank, isComment, isDash, type Line, lineAt, type Source } from './source.ts';

/**
 * What follows a key: `scalar` a value on the key's line (or nothing at all), `inline` an array there, `text` block
 * text after `|`, `map` deeper keys, `list` deeper lines taken verbatim (items or table rows), `loose` a line without a
 * key.
 */
export type NodeKind = 'scalar' | 'inline' | 'text' | 'map' | 'list' | 'loose';

/** A key of a task file with its place in the text. Lines are 0-based indexes into {@link Source.lines}. */
export interface TreeNode {
  readonly kind: NodeKind;
  /** Empty for `loose`. */
  readonly key: string;
  readonly line: number;
  /** After the last line that belongs to it; trailing blank lines do not. */
  readonly end: number;
  readonly count: number | undefined;
  readonly fields: readonly string[] | undefined;
  readonly delimiter: string;
  /** The value on the key's own line, trimmed: the span an edit may replace. */
  readonly valueFrom: number;
  readonly valueTo: number;
  /** Of a `map`. */
  readonly children: readonly TreeNode[];
  /** Of a `list`: the first line of each item. */
  readonly items: readonly number[];
}

const BLOCK_MARKER = /^[|>][-+]?\d?[-+]?$/;
/** Sections that hold keys, even if their first line is prose. */
const KNOWN_MAPS: ReadonlySet<string> = new Set([
  'task',
  'description',
  'metadata',
  'claim',
  'completion',
  'cancellation',
]);
const NONE: readonly never[] = [];

/** Deepest nesting of keys that is followed: every level looks at everything below it, and people use four. */
export const DEEPEST = 64;

/** The text is nested deeper than {@link DEEPEST} levels. */
export class NestingError extends Error {
  /** 1-based. */
  readonly line: number;

  /** @param line 0-based */
  constructor(line: number) {
    super(`nested more than ${DEEPEST} levels deep`);
    this.line = line + 1;
  }
}

/**
 * Reads the structure of a task file by relative indentation (offside rule). It accepts any text: what it does not
 * understand becomes a `loose` line, and no line is left out. Text that the TOON library decodes strictly has the same
 * structure here.
 * @throws NestingError
 */
export function parseTree(source: Source): readonly TreeNode[] {
  return parseMap(source, 0, source.lines.length, 1);
}

/** The raw text after the key on its own line. */
export function rawValue(source: Source, node: TreeNode): string {
  return source.text.slice(node.valueFrom, node.valueTo);
}

/**
 * The first line of each item in the lines `[low, high)`: every line that is not deeper than the first one. Among bare
 * lines `#12 is fixed` is an item, unless the announced number is that of the items without comments; in `- ` lists it
 * is never an item.
 */
export function itemStarts(source: Source, low: number, high: number, count: number | undefined): readonly number[] {
  const first = firstContent(source, low, high);
  if (first === undefined && (count ?? 0) === 0) return NONE;
  const dashes = first !== undefined && isDash(source, first);
  const starts: number[] = [];
  const all: number[] = [];
  let base = (first ?? lineAt(source, low)).indent;
  for (let at = low; at < high; at++) {
    const line = lineAt(source, at);
    if (isBlank(line)) continue;
    if (isComment(source, line)) {
      if (dashes || line.indent < base) continue;
    } else {
      base = Math.min(base, line.indent);
    }
    all.push(at);
    if (line.indent <= base) starts.push(at);
  }
  if (count === undefined || count === starts.length) return starts;
  const uncommented = starts.filter((at) => !isComment(source, lineAt(source, at)));
  if (count === uncommented.length && count > 0) return uncommented;
  // Ragged indentation: if the announced number is that of all lines, each line is an item.
  return count === all.length ? all : starts;
}

function parseMap(source: Source, low: number, high: number, depth: number): readonly TreeNode[] {
  if (depth > DEEPEST) throw new NestingError(low);
  const nodes: TreeNode[] = [];
  let at = low;
  while (at < high) {
    const line = lineAt(source, at);
    if (isBlank(line) || isComment(source, line)) {
      at++;
      continue;
    }
    const key = parseKeyLine(source.text, line.from, line.to);
    const end = endOfBody(source, at, high, line, key !== undefined && opensBody(source, line, key));
    const node = key === undefined ? looseNode(at, end, line) : keyNode(source, { at, end, high, depth }, line, key);
    nodes.push(node);
    at = node.end;
  }
  return nodes;
}

/** After the last deeper line. Comments in between neither end a body nor extend one that is only a value. */
function endOfBody(source: Source, at: number, high: number, line: Line, commentsBelong: boolean): number {
  let end = at + 1;
  for (let next = at + 1; next < high; next++) {
    const candidate = lineAt(source, next);
    if (isBlank(candidate)) continue;
    if (isComment(source, candidate)) {
      if (commentsBelong && candidate.indent > line.indent) end = next + 1;
      continue;
    }
    if (candidate.indent <= line.indent) break;
    end = next + 1;
  }
  return end;
}

function opensBody(source: Source, line: Line, key: KeyLine): boolean {
  return key.valueFrom === line.to || isBlockMarker(source, key.valueFrom, line.to);
}

function isBlockMarker(source: Source, from: number, to: number): boolean {
  const code = source.text.charCodeAt(from);
  return (code === 124 || code === 62) && to - from <= 4 && BLOCK_MARKER.test(source.text.slice(from, to));
}

/** Where a key is, where its body and the map around it end, and how deep it is. */
interface Place {
  readonly at: number;
  readonly end: number;
  readonly high: number;
  readonly depth: number;
}

function keyNode(source: Source, { at, end, high, depth }: Place, line: Line, key: KeyLine): TreeNode {
  const hasBody = end > at + 1;
  if (key.valueFrom < line.to) {
    if (hasBody && isBlockMarker(source, key.valueFrom, line.to)) return newNode('text', at, end, line, key);
    return newNode(key.header ? 'inline' : 'scalar', at, end, line, key);
  }
  if (!hasBody) return withUnindentedItems(source, at, high, line, key);
  if (isVerbatimList(key.key) || key.fields !== undefined || !isMap(source, at + 1, end, key)) {
    return newNode('list', at, end, line, key, NONE, itemStarts(source, at + 1, end, key.count));
  }
  return newNode('map', at, end, line, key, parseMap(source, at + 1, end, depth + 1));
}

/** `key[1]:` and its `- ` items (or lines without any key) in the same column, as other notations allow. */
function withUnindentedItems(source: Source, start: number, high: number, line: Line, key: KeyLine): TreeNode {
  let end = start + 1;
  for (let at = start + 1; at < high; at++) {
    const candidate = lineAt(source, at);
    if (isBlank(candidate) || isComment(source, candidate)) continue;
    const deeper = end > start + 1 && candidate.indent > line.indent;
    const item =
      candidate.indent === line.indent &&
      (isDash(source, candidate) ||
        (key.header && key.count !== 0 && parseKeyLine(source.text, candidate.from, candidate.to) === undefined));
    if (!deeper && !item) break;
    end = at + 1;
  }
  if (end === start + 1) return newNode(key.header ? 'list' : 'scalar', start, end, line, key);
  return newNode('list', start, end, line, key, NONE, itemStarts(source, start + 1, end, key.count));
}

/**
 * With a count, the lines are items unless every one of them is a key (`native_features[6]:`). Without one, the first
 * line decides, since only lists of prose start with something other than a key.
 */
function isMap(source: Source, low: number, high: number, key: KeyLine): boolean {
  const name = key.key.slice(key.key.lastIndexOf('.') + 1);
  if (KNOWN_MAPS.has(name)) return true;
  let keys = 0;
  for (const at of itemStarts(source, low, high, undefined)) {
    const line = lineAt(source, at);
    const child = isDash(source, line) ? undefined : parseKeyLine(source.text, line.from, line.to);
    const isKey = child?.word === true;
    if (name === 'dependencies') {
      // Its own keys, not `TASK-001: remark` nor `Note: remark`.
      if (isKey && (/^[a-z_]+$/.test(child.key) || isGatingName(child.key))) return true;
    } else if (!key.header) {
      return isKey;
    } else if (!isKey) {
      return false;
    }
    keys++;
  }
  return keys > 0 && name !== 'dependencies';
}

/** One literal for all nodes: spreads of a common part took most of the time of reading. */
function newNode(
  kind: NodeKind,
  line: number,
  end: number,
  { to }: Line,
  key: KeyLine,
  children: readonly TreeNode[] = NONE,
  items: readonly number[] = NONE,
): TreeNode {
  return {
    kind,
    key: key.key,
    line,
    end,
    count: key.count,
    fields: key.fields,
    delimiter: key.delimiter,
    valueFrom: key.valueFrom,
    valueTo: to,
    children,
    items,
  };
}

function looseNode(line: number, end: number, { from, to }: Line): TreeNode {
  return {
    kind: 'loose',
    key: '',
    line,
    end,
    count: undefined,
    fields: undefined,
    delimiter: ',',
    valueFrom: from,
    valueTo: to,
    children: NONE,
    items: NONE,
  };
}

function firstContent(source: Source, low: number, high: number): Line | undefined {
  for (let at = low; at < high; at++) {
    const line = lineAt(source, at);
    if (!isBlank(line) && !isComment(source, line)) return line;
  }
  return undefined;
}
