import type { ClaimRecord, CompletionRecord } from '../../../domain/queue/edit.ts';
import { outlineOf } from '../outline.ts';
import { type ParsedFile, parseText } from '../read-task.ts';
import { claimBlockOf } from '../text/document.ts';
import { toInline } from '../text/scalar.ts';
import { lineAt, newlineOf, type Source, unitOf } from '../text/source.ts';
import type { TreeNode } from '../text/tree.ts';
import { type Change, isTerminated, lastLine, removeNode, texts, unchanged } from './change.ts';

/** Appends the claim, even after one that an older script left: the last one counts. */
export function appendClaim(file: ParsedFile, claim: ClaimRecord): Change {
  return appendBlock(file, 'claim', [
    ['claimed_by', toInline(claim.claimedBy)],
    ['claimed_at', toInline(claim.claimedAt)],
    ['last_heartbeat', toInline(claim.lastHeartbeat)],
    ['claim_attempt', String(claim.attempt)],
    ['claim_id', toInline(claim.claimId)],
  ]);
}

/** Appends the completion, even after an older one: the last one counts. */
export function appendCompletion(file: ParsedFile, completion: CompletionRecord): Change {
  return appendBlock(file, 'completion', [
    ['status', 'completed'],
    ['completed_at', toInline(completion.completedAt)],
    ...(completion.completedBy === undefined ? [] : [['completed_by', toInline(completion.completedBy)] as const]),
    ...(completion.prUrl === undefined ? [] : [['pr_url', toInline(completion.prUrl)] as const]),
  ]);
}

/**
 * Removes the last claim block and the separator that `appendClaim` put in front of it: the exact inverse. If another
 * tool wrote the block, this removes its lines and an empty line in front of it. Without a claim nothing changes.
 */
export function removeClaim(file: ParsedFile): Change {
  const block = claimBlockOf(file.tree);
  return block === undefined ? unchanged(file) : removeNode(file, block, startOfBlock(file.source, block));
}

/**
 * The original text is a prefix of the new one. A newline is put in front of the block in any case: it ends a last line
 * that had none, and otherwise makes an empty line. Whether the block ends with a newline tells the two apart.
 */
export function appendBlock(file: ParsedFile, key: string, entries: readonly (readonly [string, string])[]): Change {
  const { source } = file;
  const newline = newlineOf(source);
  const unit = unitOf(source);
  const block = [`${key}:`, ...entries.map(([name, value]) => `${unit}${name}: ${value}`)].join(newline);
  const end = isTerminated(source, source.text.length) ? newline : '';
  return {
    text: source.text + newline + block + end,
    outline: [...texts(outlineOf(file)), ...texts(outlineOf(parseText(block)))],
  };
}

/** Where a block at the end of a file begins, with the separator that {@link appendBlock} put in front of it. */
export function startOfBlock(source: Source, block: TreeNode): number {
  const { text } = source;
  const { start, end } = lineAt(source, block.line);
  // Not the newline of the file: a file that mixes both must get back exactly the bytes that were put in.
  const newline = text.endsWith('\r\n', end) ? '\r\n' : '\n';
  if (!text.endsWith(newline, start)) return start;
  const before = start - newline.length;
  const separated = before === 0 || isTerminated(source, before);
  return separated || !isTerminated(source, lastLine(source, block).end) ? before : start;
}
