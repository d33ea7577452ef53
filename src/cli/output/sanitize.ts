/**
 * Text from task files, remotes and arguments is not trusted: before it reaches a terminal, everything that could move
 * the cursor, change a colour, hide text or reverse its order is replaced by a visible escape.
 */

/**
 * Controls (C0, DEL, C1), bidi marks and overrides, invisible and line-separating characters, tags, lone surrogates.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

const UNSAFE_IN_TEXT = new RegExp(UNSAFE.source.replace('\\u0000-\\u001f', '\\u0000-\\u0008\\u000b-\\u001f'), 'gu');

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text as one line that is safe on a terminal. */
export function sanitizeLine(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

/** The text as several safe lines: line ends and tabs stay, CRLF becomes LF. */
export function sanitizeText(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(UNSAFE_IN_TEXT, escapeCharacter);
}

/** JSON for the same value, with everything unsafe on a terminal as JSON escapes. */
export function sanitizeJson(json: string): string {
  // JSON.stringify has already escaped C0; the line ends that are left belong to its indentation.
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
