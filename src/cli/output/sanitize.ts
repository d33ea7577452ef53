/**
 * Text from task files, remotes and arguments is other people's: before it gets to a terminal, everything that could
 * move the cursor, change a colour, hide text or reverse its order is made visible instead.
 */

/** Controls (C0, DEL, C1), bidi marks and overrides, invisible and line-separating characters, tags, lone surrogates. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

const UNSAFE_IN_TEXT = new RegExp(UNSAFE.source.replace('\\u0000-\\u001f', '\\u0000-\\u0008\\u000b-\\u001f'), 'gu');

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text as one line that a terminal shows as it is. */
export function sanitizeLine(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

/** Several lines: line ends and tabs stay, a CRLF becomes LF. */
export function sanitizeText(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNSAFE_IN_TEXT, escapeCharacter);
}

/** JSON whose text is the same value, with what is unsafe on a terminal as JSON escapes. */
export function sanitizeJson(json: string): string {
  // JSON.stringify has escaped C0 already; the line ends left are its own indentation.
  return json.replace(UNSAFE_IN_TEXT, (character) =>
    Array.from({ length: character.length }, (_, index) => unitEscape(character.charCodeAt(index))).join(''),
  );
}

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : unitEscape(code);
}

function unitEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
