import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The path in the repository of a source, for the file system. */
export function inRepository(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** A source without its comments and its layout, so that only what it says counts. Types are kept: messages are types. */
export function codeOf(path: string): string {
  const tree = ts.createSourceFile(path, readFileSync(inRepository(path), 'utf8'), ts.ScriptTarget.ES2022, true);
  return ts.createPrinter({ removeComments: true }).printFile(tree);
}
