import { afterQuoted, unquote } from './scalar.ts';

/** `key: value`, `key[N]: ...` or `key[N]{field,field}: ...`, taken apart. */
export interface KeyLine {
  readonly key: string;
  /** The key is one word, or quoted: prose that happens to hold a colon is not. */
  readonly word: boolean;
  /** There are brackets: the line is the header of a list, a table or (in the dialect) a map. */
  readonly header: boolean;
  /** N, where the brackets hold one. */
  readonly count: number | undefined;
  readonly fields: readonly string[] | undefined;
  readonly delimiter: string;
  /** First character of the value; equals the end of the line where there is none. */
  readonly valueFrom: number;
}

// `[#3]` is what older versions of the format wrote, `[3|]` and `[3<tab>]` name the delimiter, `[3:]` keyed rows.
const HEADER = /^\[ *#?(\d{0,9}) *:?([,|\t]?) *\]\s*(\{.*?\})?\s*(:|$)/;
const WORD = /^[\p{L}_$][\p{L}\p{N}\p{M}_.$-]*$/u;
const COLON = 58;
const BRACKET = 91;
const QUOTE = 34;

/** Keys whose bodies are lists of verbatim lines, whatever the lines look like. */
export function isVerbatimList(key: string): boolean {
  const name = key.slice(key.lastIndexOf('.') + 1);
  return name === 'required' || name === 'blocks' || name === 'acceptance_criteria' || name.startsWith('files_');
}

/**
 * Reads the key of a line between the offsets `from` and `to` (both trimmed), as TOON does: up to the first colon
 * that is not inside quotes.
 * @returns undefined where the line has no key.
 */
export function parseKeyLine(text: string, from: number, to: number): KeyLine | undefined {
  let at = from;
  let quoted = false;
  if (text.charCodeAt(from) === QUOTE) {
    const after = afterQuoted(text, from, to);
    if (after > 0) {
      at = after;
      quoted = true;
    }
  }
  let bracketSeen = false;
  for (; at < to; at++) {
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
    } else if (code === QUOTE && at > from) {
      const after = afterQuoted(text, at, to);
      if (after > 0) at = after - 1;
    }
  }
  return undefined;
}

function parseHeader(text: string, from: number, bracket: number, to: number, quoted: boolean): KeyLine | undefined {
  const key = text.slice(from, bracket).trim();
  if (key === '') return undefined;
  const found = HEADER.exec(text.slice(bracket, to));
  if (found === null) return undefined;
  // A forgotten colon is forgiven only where the line can be nothing else.
  if (found[4] === '' && !isVerbatimList(key)) return undefined;
  const digits = found[1] ?? '';
  const delimiter = found[2] === undefined || found[2] === '' ? ',' : found[2];
  const fields = found[3]?.slice(1, -1);
  return {
    key: quoted ? unquote(key) : key,
    word: quoted || WORD.test(key),
    header: true,
    count: digits === '' ? undefined : Number(digits),
    fields: fields?.split(delimiter).map((field) => unquote(field.trim())),
    delimiter,
    valueFrom: skipBlanks(text, bracket + found[0].length, to),
  };
}

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  return at;
}
