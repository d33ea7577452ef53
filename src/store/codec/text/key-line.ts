import { asciiFirst } from '../../../domain/base/ascii-first.ts';
import { afterQuoted, unquote } from './scalar.ts';

/** `key: value`, `key[N]: ...` or `key[N]{field,field}: ...`, taken apart. */
export interface KeyLine {
  readonly key: string;
  /** Whether the key is one word or quoted, and not prose with a colon in it. */
  readonly word: boolean;
  /** Whether there are brackets: then the line is the header of a list, a table or (in the dialect) a map. */
  readonly header: boolean;
  /** N, if the brackets hold one. */
  readonly count: number | undefined;
  readonly fields: readonly string[] | undefined;
  readonly delimiter: string;
  /** First character of the value; the end of the line if there is none. */
  readonly valueFrom: number;
}

/**
 * Longest key with its header (characters) that is looked for: a line without a key up to there is text. This is a
 * hundred times what people write, and it limits how much a hostile file can make a reader look at again and again.
 */
export const LONGEST_HEAD = 4096;

const WORD = asciiFirst(/^[\p{L}_$][\p{L}\p{N}\p{M}_.$-]*$/u);
const COLON = 58;
const BRACKET = 91;
const QUOTE = 34;
const SPACE = 32;
const WHITE = /\s/;
const DELIMITERS: ReadonlySet<string> = new Set([',', '|', '\t']);
const MOST_DIGITS = 9;

/** Keys whose bodies are lists of verbatim lines, whatever the lines look like. */
export function isVerbatimList(key: string): boolean {
  const name = key.slice(key.lastIndexOf('.') + 1);
  return name === 'required' || name === 'blocks' || name === 'acceptance_criteria' || name.startsWith('files_');
}

/**
 * Reads the key of a line between the offsets `from` and `to` (both trimmed), as TOON does: up to the first colon that
 * is not inside quotes.
 * @returns undefined if the line has no key, or none in its first {@link LONGEST_HEAD} characters.
 */
export function parseKeyLine(text: string, from: number, to: number): KeyLine | undefined {
  const end = Math.min(to, from + LONGEST_HEAD);
  let at = from;
  let quoted = false;
  // An open quote stays open, wherever else the search for its end begins: so there is only one search.
  let isOpen = false;
  if (text.charCodeAt(from) === QUOTE) {
    const after = afterQuoted(text, from, end);
    if (after > 0) {
      at = after;
      quoted = true;
    } else isOpen = true;
  }
  let bracketSeen = false;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === BRACKET && !bracketSeen) {
      bracketSeen = true;
      const header = parseHeader(text, from, at, to, quoted);
      if (header !== undefined) return header;
    } else if (code === COLON) {
      const key = text.slice(from, at).trim();
      if (key === '') return undefined;
      return {
        key: quoted ? unquote(key) : key,
        word: quoted || WORD.test(key),
        header: false,
        count: undefined,
        fields: undefined,
        delimiter: ',',
        valueFrom: skipBlanks(text, at + 1, to),
      };
    } else if (code === QUOTE && at > from && !isOpen) {
      const after = afterQuoted(text, at, end);
      if (after > 0) at = after - 1;
      else isOpen = true;
    }
  }
  return undefined;
}

function parseHeader(text: string, from: number, bracket: number, to: number, quoted: boolean): KeyLine | undefined {
  const key = text.slice(from, bracket).trim();
  if (key === '') return undefined;
  const header = headerAt(text, bracket, Math.min(to, bracket + LONGEST_HEAD));
  if (header === undefined) return undefined;
  // A forgotten colon is forgiven only if the line can be nothing else.
  if (header.end === 'line' && (header.after < to || !isVerbatimList(key))) return undefined;
  const { digits, delimiter, fields } = header;
  return {
    key: quoted ? unquote(key) : key,
    word: quoted || WORD.test(key),
    header: true,
    count: digits === '' ? undefined : Number(digits),
    fields: fields?.split(delimiter).map((field) => unquote(field.trim())),
    delimiter,
    valueFrom: skipBlanks(text, header.after, to),
  };
}

interface Header {
  readonly digits: string;
  readonly delimiter: string;
  /** What the braces hold. */
  readonly fields: string | undefined;
  readonly after: number;
  readonly end: 'colon' | 'line';
}

/**
 * Reads `[N]:` or `[N]{a,b}:`, starting at its bracket. Older versions of the format wrote `[#3]`; `[3|]` and
 * `[3<tab>]` name the delimiter, `[3:]` keyed rows. Each character is looked at once: a regular expression with
 * optional parts between blanks took hours for a line of a million blanks.
 */
function headerAt(text: string, bracket: number, to: number): Header | undefined {
  let at = skip(text, bracket + 1, to, SPACE);
  if (text[at] === '#') at++;
  const first = at;
  while (at < to && at < first + MOST_DIGITS && isDigit(text.charCodeAt(at))) at++;
  const digits = text.slice(first, at);
  at = skip(text, at, to, SPACE);
  if (text[at] === ':') at++;
  const named = text[at] ?? '';
  const delimiter = DELIMITERS.has(named) ? named : ',';
  at = skip(text, delimiter === named ? at + 1 : at, to, SPACE);
  if (at >= to || text[at] !== ']') return undefined;
  return bodyAt(text, at + 1, to, { digits, delimiter });
}

function bodyAt(
  text: string,
  from: number,
  to: number,
  count: Pick<Header, 'digits' | 'delimiter'>,
): Header | undefined {
  const at = skipWhite(text, from, to);
  const end = endAt(text, at, to);
  if (end !== undefined) return { ...count, fields: undefined, ...end };
  if (text[at] !== '{') return undefined;
  for (let brace = text.indexOf('}', at); brace >= 0 && brace < to; brace = text.indexOf('}', brace + 1)) {
    const found = endAt(text, skipWhite(text, brace + 1, to), to);
    if (found !== undefined) return { ...count, fields: text.slice(at + 1, brace), ...found };
  }
  return undefined;
}

function endAt(text: string, at: number, to: number): Pick<Header, 'after' | 'end'> | undefined {
  if (at >= to) return { after: to, end: 'line' };
  return text.charCodeAt(at) === COLON ? { after: at + 1, end: 'colon' } : undefined;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function skip(text: string, from: number, to: number, code: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) === code) at++;
  return at;
}

function skipWhite(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && WHITE.test(text[at] ?? '')) at++;
  return at;
}

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === 9)) at++;
  return at;
}
