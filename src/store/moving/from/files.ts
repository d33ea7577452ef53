import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { quote } from '../../../domain/base/names.ts';
import { decodeBytes } from '../../codec/text/bytes.ts';
import type { SourceText } from '../checked.ts';

/** Largest input: what is done is part of it, and most of it is left out. */
export const MAX_SOURCE_BYTES = 64 * 1024 * 1024;
const MOST_FILES = 20_000;

/** The files of a folder that were read, and those that were not, with the reason. */
export interface FolderTexts {
  readonly texts: readonly SourceText[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The text of a file of another tracker.
 * @throws Failure `task-invalid` if it is not a text
 */
export function textOf(bytes: Uint8Array, name: string): SourceText {
  const decoded = decodeBytes(bytes, MAX_SOURCE_BYTES);
  if (decoded.kind === 'text') return { name, text: decoded.text.replace(/^\uFEFF/, '') };
  const { line, message } = decoded.defect;
  const place = line === undefined || bytes.length === 0 ? name : `${name}:${line}`;
  throw new Failure('task-invalid', `${place}: ${message.replace(/^task file/, 'the input')}`);
}

/**
 * Reads a file that is known to be one.
 * @param shown its name for messages
 */
export function readFile(path: string, shown: string): SourceText {
  if (lstatSync(realpathSync(path)).size > MAX_SOURCE_BYTES) {
    throw new Failure('task-invalid', `${shown}: it is larger than ${MAX_SOURCE_BYTES} bytes`);
  }
  return textOf(readFileSync(path), shown);
}

/** The first of the files that is there, as a path from the folder. Links out of the folder count as absent. */
export function firstFile(folder: string, candidates: readonly string[]): string | undefined {
  return candidates.find((path) => kindOf(folder, path) === 'file');
}

/** The first of the folders that is there. */
export function firstFolder(folder: string, candidates: readonly string[]): string | undefined {
  return candidates.find((path) => kindOf(folder, path) === 'folder');
}

/**
 * The files of a folder with these endings, in the order of their names. Symbolic links are skipped: what they lead to
 * is nobody's task.
 * @param within `depth` folders below it are read, too
 * @throws Failure `task-invalid` if it is too much, or cannot be read
 */
export function filesIn(folder: string, shown: string, endings: readonly string[], depth = 0): FolderTexts {
  const texts: SourceText[] = [];
  const skipped: { name: string; reason: string }[] = [];
  let size = 0;
  const visit = (path: string, name: string, levels: number): void => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = `${name}/${entry.name}`.replace(/[\p{Cc}\p{Surrogate}]/gu, '?');
      if (entry.isDirectory()) {
        if (levels > 0 && !entry.name.startsWith('.')) visit(join(path, entry.name), inner, levels - 1);
        continue;
      }
      if (!endings.some((ending) => entry.name.toLowerCase().endsWith(ending))) continue;
      if (!entry.isFile()) {
        skipped.push({ name: inner, reason: entry.isSymbolicLink() ? 'it is a symbolic link' : 'it is not a file' });
        continue;
      }
      size += lstatSync(join(path, entry.name)).size;
      if (size > MAX_SOURCE_BYTES || texts.length >= MOST_FILES) {
        throw new Failure(
          'task-invalid',
          `${shown}: it is larger than ${MAX_SOURCE_BYTES} bytes or ${MOST_FILES} files`,
        );
      }
      texts.push(textOf(readFileSync(join(path, entry.name)), inner));
    }
  };
  try {
    visit(folder, shown, depth);
  } catch (cause) {
    if (cause instanceof Failure || !(cause instanceof Error)) throw cause;
    throw new Failure('task-invalid', `${quote(shown)} cannot be read: ${cause.message}`, { cause });
  }
  return { texts, skipped };
}

function kindOf(folder: string, path: string): 'file' | 'folder' | 'absent' {
  try {
    const base = realpathSync(folder);
    const real = realpathSync(join(folder, path));
    if (real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep)) return 'absent';
    const found = lstatSync(real);
    if (found.isFile()) return 'file';
    return found.isDirectory() ? 'folder' : 'absent';
  } catch {
    return 'absent';
  }
}
