import { escapeString } from '@toon-format/toon';
import type { Scalar } from '../../../domain/queue/task.ts';
import { decodeToon } from './toon.ts';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|([\s\S]?))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"' };

/** Offset after the closing quote of the string that starts with a quote at `from`, or -1. */
export function afterQuoted(text: string, from: number, to: number): number {
  for (let at = from + 1; at < to; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '"') return at + 1;
  }
  return -1;
}

/**
 * The text that a TOON scalar stands for: what is between the quotes if it is one quoted string, else as written.
 * Numbers and words keep their source text: `3.10` stays `3.10`.
 */
export function unquote(raw: string): string {
  if (raw.charCodeAt(0) !== 34 || afterQuoted(raw, 0, raw.length) !== raw.length) return raw;
  const inner = raw.slice(1, -1);
  return inner.includes('\\') ? (unescapeInner(inner) ?? raw) : inner;
}

/** The value without a comment that an editor put after it: `ready # for now`, `"ready" # for now`. */
export function withoutComment(raw: string): string {
  if (!raw.includes('#')) return raw;
  const start = raw.startsWith('"') ? Math.max(0, afterQuoted(raw, 0, raw.length)) : 0;
  const comment = /(?:^|\s)#/.exec(raw.slice(start));
  return comment === null ? raw : raw.slice(0, start + comment.index).trimEnd();
}

/** A scalar with its TOON type; a number that would not be written the same way again stays text. */
export function toScalar(raw: string): Scalar {
  if (raw === 'true') return true;
  if (raw === 'false') return false;
  if (raw === 'null' || raw === '') return null;
  if (NUMBER.test(raw)) {
    const value = Number(raw);
    return String(value) === raw ? value : raw;
  }
  return unquote(raw);
}

/** Where a delimiter does not count. */
export interface CellOptions {
  readonly parentheses?: boolean;
  readonly braces?: boolean;
}

/** Cuts a delimited line (inline array, table row) into its cells, as written and with their quotes. */
export function splitCells(raw: string, delimiter: string, options: CellOptions = {}): string[] {
  const cells: string[] = [];
  let start = 0;
  let depth = 0;
  // An open quote stays open, wherever else the search for its end begins: so there is only one search.
  let isOpen = false;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at];
    if (char === '"' && !isOpen) {
      const after = afterQuoted(raw, at, raw.length);
      if (after > 0) at = after - 1;
      else isOpen = true;
    } else if ((options.parentheses === true && char === '(') || (options.braces === true && char === '{')) depth++;
    else if ((options.parentheses === true && char === ')') || (options.braces === true && char === '}')) depth--;
    else if (char === delimiter && depth <= 0) {
      cells.push(trimBlanks(raw.slice(start, at)));
      start = at + 1;
    }
  }
  cells.push(trimBlanks(raw.slice(start)));
  return cells;
}

/**
 * The value as written after `key: ` on one line: bare if the library reads it back as this very string, else quoted.
 * Line breaks become spaces first, so no value can ever add a line to a file.
 */
export function toInline(value: string): string {
  const line = joinLines(value).replace(/\p{Surrogate}/gu, '\uFFFD');
  return isPlain(line) ? line : `"${escapeString(line)}"`;
}

/** Words at the start of the lines of a task's life: older scripts look for them anywhere in a file. */
const LIFE: ReadonlySet<string> = new Set(['status', 'priority', 'type', 'claim', 'completion', 'required']);

/**
 * Like {@link toInline}, for text that anybody may write into a task at any time. A script that searches the file for
 * `status: ready` or replaces `last_heartbeat: ...` must not find it in there: the colon after such a word is an escape.
 */
export function toGuardedInline(value: string): string {
  const inline = toInline(value);
  const guarded = (text: string): string =>
    text.replace(/\b(\w+)( *):/g, (found, word: string, gap: string) =>
      LIFE.has(word.toLowerCase()) || word.includes('_') ? `${word}${gap}\\u003a` : found,
    );
  const text = inline.startsWith('"') ? inline : `"${escapeString(inline)}"`;
  return guarded(text) === text ? inline : guarded(text);
}

/** Replaces line breaks, and the white space around them, with one space each. */
function joinLines(value: string): string {
  const lines = value.split(/[\r\n\u2028\u2029]/);
  const last = lines.length - 1;
  if (last === 0) return value;
  const kept = lines
    .map((line, at) => (at === 0 ? line.trimEnd() : at === last ? line.trimStart() : line.trim()))
    .filter((line, at) => line !== '' || at === 0 || at === last);
  return kept.join(' ');
}

/** Only spaces and tabs: other white space is part of a value in TOON. */
function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlankCode(text.charCodeAt(from))) from++;
  while (to > from && isBlankCode(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlankCode(code: number): boolean {
  return code === 32 || code === 9;
}

/**
 * Words such as an agent's name, and times as claims have them: most of what is written, without asking the library.
 */
const PLAIN = /^(?:(?!(?:true|false|null)$)[a-z][a-z0-9_-]*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/i;

function isPlain(value: string): boolean {
  if (PLAIN.test(value)) return true;
  // A bare `|` or `>` would start block text in the dialect, and `#` a comment.
  if (/^[|>#]|[\u0000-\u001f]/.test(value) || value.trim() !== value) return false;
  try {
    const decoded = decodeToon(`key: ${value}`);
    return typeof decoded === 'object' && decoded !== null && 'key' in decoded && decoded.key === value;
  } catch {
    return false;
  }
}

function unescapeInner(inner: string): string | undefined {
  let valid = true;
  const text = inner.replace(ESCAPE, (_, hex: string | undefined, char: string | undefined) => {
    if (hex !== undefined) {
      const unit = Number.parseInt(hex, 16);
      if (unit >= 0xd800 && unit <= 0xdfff) valid = false;
      return String.fromCharCode(unit);
    }
    const plain = ESCAPED[char ?? ''];
    if (plain === undefined) valid = false;
    return plain ?? '';
  });
  return valid ? text : undefined;
}
