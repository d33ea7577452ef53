import type { Note } from '../../../domain/queue/task.ts';
import type { ParsedFile } from '../read-task.ts';
import { blocksIn, NOTE_BLOCKS, QUESTION_BLOCKS } from '../text/notes.ts';
import { toGuardedInline } from '../text/scalar.ts';
import { lineAt, type Source } from '../text/source.ts';
import type { TreeNode } from '../text/tree.ts';
import { type Change, insertAfter, insertSection, isTerminated } from './change.ts';
import { appendBlock } from './edit-blocks.ts';

/** What is written at the end of a file while a task is worked on. Older scripts cut the file at the claim. */
const LIFE: ReadonlySet<string> = new Set(['claim', 'review', 'completion', 'cancellation']);

/** Adds a note to the block of notes. */
export function appendNote(file: ParsedFile, { at, agent, text }: Note): Change {
  return appendLine(file, NOTE_BLOCKS, `${at} ${agent}`, text);
}

/** Adds a question to the block of questions. */
export function appendQuestion(file: ParsedFile, { at, agent, text }: Note): Change {
  return appendLine(file, QUESTION_BLOCKS, `${at} ${agent} asked`, text);
}

/** Adds an answer to the block of questions: it answers the last one. */
export function appendAnswer(file: ParsedFile, { at, agent, text }: Note): Change {
  return appendLine(file, QUESTION_BLOCKS, `${at} ${agent} answered`, text);
}

/**
 * Adds one line to the block. A new block goes in front of the claim and of whatever follows it, exactly where it would
 * have gone if the line had been written before the claim was made: what removes the claim again leaves the bytes that
 * the file had before, and the line.
 */
function appendLine(file: ParsedFile, names: readonly [string, string], key: string, text: string): Change {
  const { source, tree } = file;
  const value = toGuardedInline(text);
  const block = blocksIn(tree, names).at(-1);
  const last = block?.children.at(-1);
  if (block !== undefined && last !== undefined) {
    return insertAfter(file, last, `${keyOf(key, block)}: ${value}`);
  }
  const name = tree.some(({ key }) => key === names[0]) ? names[1] : names[0];
  const entries = [[keyOf(key), value]] as const;
  const life = tree.find(({ key, kind, children }) => LIFE.has(key) && kind === 'map' && children.length > 0);
  if (life === undefined) return appendBlock(file, name, entries);
  return insertSection(file, life, startOfSection(source, life), (before) => appendBlock(before, name, entries).text);
}

/**
 * Where a section begins, with the separator in front of it: an empty line, or the newline that ends the line before it
 * if the file ends without one. The latter stays so, whatever is appended, so that the place of a note does not depend
 * on what has been appended since.
 */
function startOfSection(source: Source, section: TreeNode): number {
  const { text } = source;
  const { start, end } = lineAt(source, section.line);
  const newline = text.endsWith('\r\n', end) ? '\r\n' : '\n';
  if (!text.endsWith(newline, start)) return start;
  const before = start - newline.length;
  const isSeparator = before === 0 || isTerminated(source, before) || !isTerminated(source, text.length);
  return isSeparator ? before : start;
}

/** The key in quotes, with a number if the block has it already. */
function keyOf(first: string, block?: TreeNode): string {
  const taken = new Set(block?.children.map(({ key }) => key));
  let key = first;
  for (let number = 2; taken.has(key); number++) key = `${first} #${number}`;
  return `"${key}"`;
}
