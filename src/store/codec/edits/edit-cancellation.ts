import { type CancellationRecord, statusBefore } from '../../../domain/queue/edit.ts';
import { outlineOf } from '../outline.ts';
import { type ParsedFile, parseText } from '../read-task.ts';
import { taskSchema } from '../task-schema.ts';
import {
  blockEntry,
  cancellationBlockOf,
  claimBlockOf,
  completionBlockOf,
  lineValueOf,
  taskPathOf,
  wordOf,
} from '../text/document.ts';
import { findFirst } from '../text/path.ts';
import { toGuardedInline, toInline, withoutComment } from '../text/scalar.ts';
import { rawValue, type TreeNode } from '../text/tree.ts';
import { type Change, EditRefusal, removeNode, replaceValue, texts, unchanged } from './change.ts';
import { appendBlock, startOfBlock } from './edit-blocks.ts';
import { setStatus } from './edit-fields.ts';

/** No task has more claims and completions than this. Each is removed by itself, and the file is read again. */
const MOST_ENDINGS = 50;

/**
 * Appends the cancellation. `was` is the status as it is written, if that is more than the word `ready`: what restores
 * it gives back the very bytes.
 */
export function appendCancellation(file: ParsedFile, cancellation: CancellationRecord): Change {
  const status = statusOf(file);
  const was = status === undefined ? undefined : statusWritten(file, status);
  return appendBlock(file, 'cancellation', [
    ['cancelled_at', toInline(cancellation.cancelledAt)],
    ['cancelled_by', toGuardedInline(cancellation.cancelledBy)],
    ['reason', toGuardedInline(cancellation.reason)],
    ...(was === undefined ? [] : [['was', toGuardedInline(was)] as const]),
  ]);
}

/** Writes the status as it was when the last cancellation was appended. */
export function restoreStatus(file: ParsedFile): Change {
  const block = cancellationBlockOf(file.tree);
  const was = block && lineValueOf(file.source, blockEntry(block, 'was'));
  const status = statusOf(file);
  if (was === undefined || status?.kind !== 'scalar') return setStatus(file, 'ready');
  const old = withoutComment(rawValue(file.source, status));
  if (old === '') return setStatus(file, statusBefore(parsedStatus(was)));
  return replaceValue(file, status, status.valueFrom, status.valueFrom + old.length, was);
}

/** Removes the last cancellation and its separator: the exact inverse of {@link appendCancellation}. */
export function removeCancellation(file: ParsedFile): Change {
  const block = cancellationBlockOf(file.tree);
  return block === undefined ? unchanged(file) : removeNode(file, block, startOfBlock(file.source, block));
}

/**
 * Removes every claim and every completion, the last block of the file first: so each separator is found where it was
 * put.
 */
export function removeEndings(file: ParsedFile): Change {
  let rest = file;
  for (let left = MOST_ENDINGS; ; left--) {
    const block = lastOf(claimBlockOf(rest.tree), completionBlockOf(rest.tree));
    if (block === undefined) return unchanged(rest);
    if (left === 0) throw new EditRefusal('there are too many claims and completions', block);
    const change = removeNode(rest, block, startOfBlock(rest.source, block));
    const after = parseText(change.text);
    if (texts(outlineOf(after)).join('\n') !== change.outline.join('\n')) {
      throw new EditRefusal(`${block.key} cannot be removed without more of the file`, block);
    }
    rest = after;
  }
}

function lastOf(one: TreeNode | undefined, other: TreeNode | undefined): TreeNode | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.line > other.line ? one : other;
}

function statusOf({ tree }: ParsedFile): TreeNode | undefined {
  const taskPath = taskPathOf(tree);
  return taskPath && findFirst(tree, ...taskPath, 'status');
}

/** @returns undefined for `ready`, and for a status that a cancellation does not keep */
function statusWritten({ source }: ParsedFile, node: TreeNode): string | undefined {
  const word = parsedStatus(wordOf(source, node));
  const raw = withoutComment(rawValue(source, node));
  return node.kind === 'scalar' && word !== undefined && statusBefore(word) === word && raw !== 'ready'
    ? raw
    : undefined;
}

/** The status as a reader takes it. */
function parsedStatus(text: string | undefined): string | undefined {
  return taskSchema.parse({ task: { status: text } }).task.status;
}
