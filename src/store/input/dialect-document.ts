import type { ParsedFile } from '../codec/read-task.ts';
import { textOf } from '../codec/text/document.ts';
import { itemsOf } from '../codec/text/items.ts';
import { splitCells, toScalar } from '../codec/text/scalar.ts';
import type { Source } from '../codec/text/source.ts';
import { rawValue, type TreeNode } from '../codec/text/tree.ts';

/** The data in a task file of the field dialect. */
export interface DialectDocument {
  readonly document: Readonly<Record<string, unknown>>;
  /** 1-based lines without a key, which have no place in data. */
  readonly lost: readonly number[];
}

/**
 * A task file in the notation that agents write by hand, as the data that the TOON library decodes from a canonical
 * file. If a key occurs twice, the first one counts, as in reading.
 */
export function dialectDocument({ source, tree }: ParsedFile): DialectDocument {
  const lost: number[] = [];
  return { document: mapOf(source, tree, lost), lost };
}

type Data = Record<string, unknown>;

function mapOf(source: Source, nodes: readonly TreeNode[], lost: number[]): Data {
  const map: Data = {};
  for (const node of nodes) {
    if (node.kind === 'loose') lost.push(node.line + 1);
    else merge(map, node.key.split('.'), 0, dataOf(source, node, lost));
  }
  return map;
}

/** `task.description:` of the older layout is `description` below `task`. */
function merge(map: Data, path: readonly string[], step: number, value: unknown): void {
  const key = path[step] ?? '';
  const before = Object.hasOwn(map, key) ? map[key] : undefined;
  if (step + 1 < path.length) {
    const inner = isData(before) ? before : {};
    merge(inner, path, step + 1, value);
    if (before === undefined) set(map, key, inner);
  } else if (isData(before) && isData(value)) {
    for (const [name, inner] of Object.entries(value)) merge(before, [name], 0, inner);
  } else if (before === undefined) set(map, key, value);
}

/** Sets an own property, whatever the key is. */
function set(map: Data, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
}

function dataOf(source: Source, node: TreeNode, lost: number[]): unknown {
  switch (node.kind) {
    case 'map':
      return mapOf(source, node.children, lost);
    case 'list':
      return node.fields === undefined ? texts(source, node) : rowsOf(source, node, node.fields);
    case 'inline':
      return texts(source, node);
    case 'text':
      return textOf(source, node) ?? '';
    default:
      return node.end > node.line + 1 ? (textOf(source, node) ?? '') : toScalar(rawValue(source, node));
  }
}

function texts(source: Source, node: TreeNode): string[] {
  return itemsOf(source, node).map((item) => item.text);
}

/** A table, if its rows have the cells that its header announces; else the rows as they are. */
function rowsOf(source: Source, node: TreeNode, fields: readonly string[]): unknown[] {
  const rows = texts(source, node);
  const cells = rows.map((row) => splitCells(row, node.delimiter));
  if (!cells.every((row) => row.length === fields.length)) return rows;
  return cells.map((row) => Object.fromEntries(fields.map((field, at) => [field, toScalar(row[at] ?? '')])));
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
