import { isUtf8 } from 'node:buffer';
import { given } from '../../../domain/base/given.ts';

/** Why bytes are not a task file, and in which line (1-based) if one can be named. */
export interface Defect {
  readonly line?: number;
  readonly message: string;
}

export type DecodedBytes =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'defect'; readonly defect: Defect };

// A byte order mark stays in the text: encoding the text must give the same bytes again.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const LINE_FEED = 0x0a;

/**
 * The text of a task file with its byte order mark, so that encoding it as UTF-8 gives the same bytes again; or what
 * makes the bytes unusable. Never throws.
 */
export function decodeBytes(bytes: Uint8Array, limit: number): DecodedBytes {
  if (bytes.length > limit) return defect(`task file is ${bytes.length} bytes, the limit is ${limit}`);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return defect('not valid UTF-8', lineOfFirstBadByte(bytes));
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) return defect('binary file: it holds a NUL character', lineAt(text, nul));
  if (/^\uFEFF?\s*$/.test(text)) return defect('the file is empty', 1);
  const marker = conflictMarker(text);
  if (marker >= 0) return defect('conflict marker <<<<<<<: a merge was left unfinished', lineAt(text, marker));
  return { kind: 'text', text };
}

function defect(message: string, line?: number): DecodedBytes {
  return { kind: 'defect', defect: { message, ...given({ line }) } };
}

/**
 * Only an opening marker counts: `=======` underlines headings, and `>>>>>>>` alone is a deep quotation.
 */
function conflictMarker(text: string): number {
  if (!text.includes('<<<<<<<')) return -1;
  const found = /^\uFEFF?<{7}(?=[ \r\n]|$)/m.exec(text);
  return found === null ? -1 : found.index;
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** No multi-byte sequence holds a line feed, so each line can be judged alone. */
function lineOfFirstBadByte(bytes: Uint8Array): number {
  let line = 1;
  let start = 0;
  while (start < bytes.length) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
    line++;
  }
  return line;
}
