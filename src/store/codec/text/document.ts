import type { Scalar } from '../../../domain/queue/task.ts';
import { globsIn } from '../../../domain/rules/touches.ts';
import { dedent, type Item, itemsOf } from './items.ts';
import { findAll, findFirst, findLast } from './path.ts';
import { toScalar, unquote, withoutComment } from './scalar.ts';
import type { Source } from './source.ts';
import { rawValue, type TreeNode } from './tree.ts';

/** Keys that make a flat file, without a task section, a task file. */
const FLAT_KEYS = ['id', 'title'] as const;

/** Where the fields of `task` are: below `task:` or `task.`, or (`[]`) at the top of a flat file. */
export type TaskPath = readonly ['task'] | readonly [];

/** @returns where the file keeps its task fields, or undefined if it has none and so is not a task file. */
export function taskPathOf(tree: readonly TreeNode[]): TaskPath | undefined {
  const sections = findAll(tree, 'task').some((node) => node.kind === 'map' && hasKeys(node));
  if (sections || tree.some((node) => node.key.startsWith('task.'))) return ['task'];
  return FLAT_KEYS.every((key) => findFirst(tree, key)?.kind === 'scalar') ? [] : undefined;
}

/** The value of a field as text: unquoted, with the lines that continue it; undefined if it is empty. */
export function textOf(source: Source, node: TreeNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  let text: string;
  if (node.kind === 'scalar') {
    const raw = rawValue(source, node);
    if (raw === 'null' || raw === '|' || raw === '>') return undefined;
    const rest = dedent(source, node.line + 1, node.end);
    text = rest === '' ? unquote(raw) : `${unquote(raw)}\n${rest}`;
  } else if (node.kind === 'inline') text = rawValue(source, node);
  else text = dedent(source, node.line + 1, node.end);
  return text === '' ? undefined : text;
}

/** A field that is one value on one line; undefined if it is empty or something else. */
export function lineValueOf(source: Source, node: TreeNode | undefined): string | undefined {
  if (node?.kind !== 'scalar') return undefined;
  const raw = rawValue(source, node);
  const text = raw === 'null' ? '' : unquote(raw);
  return text === '' ? undefined : text;
}

/** Like {@link lineValueOf}, for fields of one word, which editors like to comment: `ready # for now`. */
export function wordOf(source: Source, node: TreeNode | undefined): string | undefined {
  if (node?.kind !== 'scalar') return undefined;
  const raw = withoutComment(rawValue(source, node));
  const text = raw === 'null' ? '' : unquote(raw);
  return text === '' ? undefined : text;
}

/** The scalar children of every map at the path. */
export function scalarsOf(source: Source, maps: readonly TreeNode[]): Record<string, Scalar> {
  const entries: [string, Scalar][] = [];
  for (const map of maps) {
    for (const child of map.children) {
      if (child.kind === 'scalar') entries.push([child.key, toScalar(rawValue(source, child))]);
    }
  }
  return Object.fromEntries(entries);
}

/** The claim block that counts: the last one, since agentq appends its own even if an older script left one behind. */
export function claimBlockOf(tree: readonly TreeNode[]): TreeNode | undefined {
  return lastBlock(tree, 'claim');
}

/** The completion block that counts: the last one. */
export function completionBlockOf(tree: readonly TreeNode[]): TreeNode | undefined {
  return lastBlock(tree, 'completion');
}

/** The cancellation block that counts: the last one. */
export function cancellationBlockOf(tree: readonly TreeNode[]): TreeNode | undefined {
  return lastBlock(tree, 'cancellation');
}

/** The entry of a block that counts if an older script wrote it twice: the last one. */
export function blockEntry(block: TreeNode, key: string): TreeNode | undefined {
  return findLast(block.children, key);
}

/** The criteria, wherever the file keeps them. */
export function criteriaOf(source: Source, tree: readonly TreeNode[]): readonly string[] {
  const places = [[], ['task'], ['description'], ['task', 'description']];
  for (const place of places) {
    const items = allItems(source, findAll(tree, ...place, 'acceptance_criteria'));
    if (items.length > 0) return items.map((item) => item.text);
  }
  return [];
}

/** The globs of the files that the task changes, wherever the file keeps them. */
export function touchesOf(source: Source, tree: readonly TreeNode[]): readonly string[] | undefined {
  const items = [[], ['task']].flatMap((place) => allItems(source, findAll(tree, ...place, 'touches')));
  const globs = globsIn(items.map(({ text }) => text));
  return globs.length === 0 ? undefined : globs;
}

function allItems(source: Source, nodes: readonly TreeNode[]): readonly Item[] {
  return nodes.flatMap((node) => itemsOf(source, node));
}

function hasKeys(node: TreeNode): boolean {
  return node.children.some((child) => child.kind !== 'loose');
}

function lastBlock(tree: readonly TreeNode[], key: string): TreeNode | undefined {
  const blocks = [...findAll(tree, key), ...findAll(tree, 'task', key)];
  return blocks
    .filter((node) => node.kind === 'map' && hasKeys(node))
    .sort((a, b) => a.line - b.line)
    .at(-1);
}
