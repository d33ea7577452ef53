import { type ParsedFile, parseText } from '../read-task.ts';
import { blockEntry, claimBlockOf, type TaskPath, taskPathOf } from '../text/document.ts';
import { findAll, findFirst } from '../text/path.ts';
import { toGuardedInline, toInline, withoutComment } from '../text/scalar.ts';
import type { Source } from '../text/source.ts';
import { rawValue, type TreeNode } from '../text/tree.ts';
import { type Change, EditRefusal, insertAfter, removeNode, replaceNode, replaceValue, unchanged } from './change.ts';

/** More lines with one key than this are not a mistake. Each is removed by itself, and the file is read again. */
const MOST_REASONS = 50;

/** Root keys of a flat file that belong to the task itself: a new field goes after the last of them. */
const FLAT_FIELDS: ReadonlySet<string> = new Set(['id', 'project', 'title', 'type', 'priority']);

/**
 * Renews the last claim block. If a script wrote several `last_heartbeat` lines, the last one is changed, since that
 * one is read. If there is none, a new line goes after `claimed_at` (or `claimed_by`, or at the end).
 */
export function setHeartbeat(file: ParsedFile, at: string): Change {
  const block = claimBlockOf(file.tree);
  if (block === undefined) throw new EditRefusal('there is no claim to renew');
  const beat = blockEntry(block, 'last_heartbeat');
  if (beat !== undefined) return setValue(file, beat, at);
  const anchor = blockEntry(block, 'claimed_at') ?? blockEntry(block, 'claimed_by') ?? block.children.at(-1);
  if (anchor === undefined) throw new EditRefusal('the claim is empty', block);
  return insertAfter(file, anchor, `last_heartbeat: ${toInline(at)}`);
}

/**
 * Sets one line of the last claim block: the last one of that name, since that one is read, or a new one at its end.
 */
export function setInClaim(file: ParsedFile, field: string, value: string): Change {
  const block = claimBlockOf(file.tree);
  if (block === undefined) throw new EditRefusal('there is no claim');
  const known = blockEntry(block, field);
  if (known !== undefined) return setValue(file, known, value);
  const anchor = block.children.at(-1);
  if (anchor === undefined) throw new EditRefusal('the claim is empty', block);
  return insertAfter(file, anchor, `${field}: ${toInline(value)}`);
}

/** Rewrites the value of `task.status`: quotes, comment and spacing around it stay. */
export function setStatus(file: ParsedFile, status: string): Change {
  const taskPath = requireTask(file);
  const node = findFirst(file.tree, ...taskPath, 'status');
  return node === undefined ? addField(file, taskPath, 'status', toInline(status)) : setValue(file, node, status);
}

/** Sets `task.blocked_reason`, after the status if it is new, or removes every such line. */
export function setBlockedReason(file: ParsedFile, reason: string | undefined): Change {
  const taskPath = requireTask(file);
  const nodes = findAll(file.tree, ...taskPath, 'blocked_reason');
  const [first] = nodes;
  if (nodes.length > MOST_REASONS) throw new EditRefusal(`blocked_reason is given ${nodes.length} times`, first);
  if (reason === undefined) return first === undefined ? unchanged(file) : removeAll(file, taskPath, nodes.length);
  if (first !== undefined) return replaceNode(file, first, `${first.key}: ${toGuardedInline(reason)}`);
  const status = findFirst(file.tree, ...taskPath, 'status');
  if (status === undefined) return addField(file, taskPath, 'blocked_reason', toGuardedInline(reason));
  return insertAfter(file, status, `${sibling(status.key, 'blocked_reason')}: ${toGuardedInline(reason)}`);
}

function removeAll(file: ParsedFile, taskPath: TaskPath, count: number): Change {
  let change = unchanged(file);
  for (let left = count; left > 0; left--) {
    const rest = parseText(change.text);
    const node = findFirst(rest.tree, ...taskPath, 'blocked_reason');
    if (node !== undefined) change = removeNode(rest, node);
  }
  return change;
}

function setValue(file: ParsedFile, node: TreeNode, value: string): Change {
  if (node.kind !== 'scalar') throw new EditRefusal(`${node.key} is not a value on one line`, node);
  const raw = rawValue(file.source, node);
  const old = withoutComment(raw);
  const from = node.valueFrom;
  if (old === '') return replaceValue(file, node, from, from, spaced(file.source, node, toInline(value)));
  const quoted = old.length > 1 && old.startsWith('"') && old.endsWith('"');
  const plain = toInline(value);
  return replaceValue(file, node, from, from + old.length, quoted && !plain.startsWith('"') ? `"${plain}"` : plain);
}

/** A value where there was none keeps its distance from the colon before it and the comment after it. */
function spaced(source: Source, node: TreeNode, value: string): string {
  const before = source.text[node.valueFrom - 1] === ':' ? ' ' : '';
  return `${before}${value}${node.valueFrom < node.valueTo ? ' ' : ''}`;
}

/** @param value as it is written */
function addField(file: ParsedFile, taskPath: TaskPath, name: string, value: string): Change {
  const content = (key: string): string => `${key}: ${value}`;
  if (taskPath.length === 0) {
    const anchor = file.tree.filter((node) => FLAT_FIELDS.has(node.key)).at(-1);
    if (anchor !== undefined) return insertAfter(file, anchor, content(name));
  }
  const section = findAll(file.tree, 'task').find((node) => node.children.some((child) => child.kind !== 'loose'));
  const last = section?.children.at(-1);
  if (last !== undefined) return insertAfter(file, last, content(name));
  const dotted = file.tree.filter((node) => node.key.startsWith('task.'));
  const anchor = dotted.filter((node) => node.kind === 'scalar').at(-1) ?? dotted.at(-1);
  if (anchor === undefined) throw new EditRefusal('there is no task section');
  return insertAfter(file, anchor, content(`task.${name}`));
}

function requireTask(file: ParsedFile): TaskPath {
  const taskPath = taskPathOf(file.tree);
  if (taskPath === undefined) throw new EditRefusal('there is no task section');
  return taskPath;
}

function sibling(key: string, name: string): string {
  return key.slice(0, key.lastIndexOf('.') + 1) + name;
}
