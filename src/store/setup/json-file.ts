import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Problem } from '../../domain/setup/section.ts';

/** A JSON file, perhaps with comments and trailing commas, and where its values are. */
export interface JsonFile {
  readonly kind: 'file';
  readonly text: string;
  readonly root: Node;
}

const BOM = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/;

/** @returns what is wrong with it, and where, if it is not JSON at all */
export function readJson(text: string): JsonFile | Problem {
  const errors: ParseError[] = [];
  // A byte order mark is not JSON, but editors write it: a blank has its length.
  const shown = text.replace(BOM, (mark) => ' '.repeat(mark.length));
  let root: Node | undefined;
  try {
    root = parseTree(shown, errors, { allowTrailingComma: true, disallowComments: false });
  } catch (error) {
    if (error instanceof RangeError) return problemAt(text, 0, 'is nested too deeply');
    throw error;
  }
  const [first] = errors;
  if (first !== undefined) return problemAt(text, first.offset, `is not JSON: ${wordsOf(first)}`);
  if (root === undefined) return problemAt(text, 0, 'is not JSON: a value is expected');
  return { kind: 'file', text, root };
}

/** A problem at an offset of the text. */
export function problemAt(text: string, offset: number, words: string): Problem {
  return { kind: 'problem', line: text.slice(0, offset).split('\n').length, words };
}

/** A comma or a comment between two values. */
export interface Token {
  readonly kind: 'comma' | 'comment';
  readonly from: number;
  readonly to: number;
}

/** What is between two values, or a value and a bracket, besides whitespace. */
export function tokensIn(text: string, from: number, to: number): Token[] {
  const tokens: Token[] = [];
  for (let at = from; at < to; ) {
    const end = text[at] === ',' ? at + 1 : text[at] === '/' ? endOfComment(text, at) : at;
    if (end > at) tokens.push({ kind: text[at] === ',' ? 'comma' : 'comment', from: at, to: end });
    at = Math.max(end, at + 1);
  }
  return tokens;
}

function endOfComment(text: string, at: number): number {
  if (text[at + 1] === '*') return text.indexOf('*/', at + 2) + 2;
  const end = text.slice(at).search(/[\r\n]/);
  return end < 0 ? text.length : at + end;
}

/** `CommaExpected` as words. */
function wordsOf({ error }: ParseError): string {
  const words = printParseErrorCode(error).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.trim().replace(/ expected$/, ' is expected');
}
