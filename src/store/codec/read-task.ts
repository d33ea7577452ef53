import type { Reading, TaskEntry } from '../../domain/queue/snapshot.ts';
import { interpret, type Where } from './interpret.ts';
import { type Defect, decodeBytes } from './text/bytes.ts';
import { taskPathOf } from './text/document.ts';
import { cutLines, isBlank, isComment, type Source } from './text/source.ts';
import { NestingError, parseTree, type TreeNode } from './text/tree.ts';

/** Largest task file that is read: anything larger is not a task, and claims must not wait for it. */
export const MAX_TASK_BYTES = 1024 * 1024;

/** A task file with its structure and the spans that edits work on. */
export interface ParsedFile {
  readonly source: Source;
  readonly tree: readonly TreeNode[];
}

/**
 * Reads a task file in either notation. One line reader serves both: it reads what the TOON library decodes strictly in
 * the same way (tests check that), and it loses no line of the dialect, which the library refuses.
 *
 * Never throws: a file that cannot be read comes back as `unreadable`, with the line if one can be named. Defects that
 * leave the task readable are findings.
 */
export function readTask(bytes: Uint8Array, where: Where): Reading {
  try {
    const file = parseFile(bytes);
    if (file.kind === 'defect') return { kind: 'unreadable', ...file.defect };
    const { source, tree } = file.parsed;
    const taskPath = taskPathOf(tree);
    if (taskPath === undefined) {
      return { kind: 'unreadable', line: firstLine(source), message: 'no task section: this is not a task file' };
    }
    return { kind: 'read', ...interpret(source, tree, taskPath, where) };
  } catch (error) {
    // One strange file must never stop the others from being claimed.
    return { kind: 'unreadable', message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The same of a text that is to be the file of the task. */
export function readText(text: string, { path, key }: Pick<TaskEntry, 'path' | 'key'>): Reading {
  return readTask(new TextEncoder().encode(text), { path, ...key });
}

type Parsing =
  | { readonly kind: 'parsed'; readonly parsed: ParsedFile }
  | { readonly kind: 'defect'; readonly defect: Defect };

/** The structure of the file, or what makes it unusable. */
export function parseFile(bytes: Uint8Array): Parsing {
  const decoded = decodeBytes(bytes, MAX_TASK_BYTES);
  if (decoded.kind === 'defect') return decoded;
  try {
    return { kind: 'parsed', parsed: parseText(decoded.text) };
  } catch (error) {
    if (!(error instanceof NestingError)) throw error;
    return { kind: 'defect', defect: { line: error.line, message: error.message } };
  }
}

/**
 * The structure of a text that is known to be usable.
 * @throws NestingError
 */
export function parseText(text: string): ParsedFile {
  const source = cutLines(text);
  return { source, tree: parseTree(source) };
}

function firstLine(source: Source): number {
  const index = source.lines.findIndex((line) => !isBlank(line) && !isComment(source, line));
  return Math.max(index, 0) + 1;
}
