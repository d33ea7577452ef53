/**
 * What an editor shows of a task: its text, byte for byte, and below a line of scissors some notes about it.
 * The explanation comes last, so that lines have the numbers that messages name, and nothing in the text can be taken
 * for it. Texts are bytes as latin1: what is not UTF-8 stays as it is.
 */
export interface Page {
  readonly text: string;
  /** The first line of the explanation; no line of the text is the same. */
  readonly scissors: string;
  readonly notes: readonly string[];
  readonly newline: '\n' | '\r\n';
  /** Whether the text ended without a line break, so that the page has one more. */
  readonly isOpenEnded: boolean;
  readonly hasMark: boolean;
}

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/** @param notes lines, without a comment sign */
export function pageOf(bytes: Uint8Array, notes: readonly string[]): Page {
  const text = Buffer.from(bytes).toString('latin1');
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = new Set(text.split(/\r?\n/));
  let dashes = '-'.repeat(24);
  while (lines.has(scissorsOf(dashes))) dashes += '-';
  return {
    text,
    scissors: scissorsOf(dashes),
    notes: notes.map((note) => (note === '' ? '#' : `# ${Buffer.from(note).toString('latin1')}`)),
    newline,
    isOpenEnded: !text.endsWith('\n'),
    hasMark: text.startsWith(BYTE_ORDER_MARK),
  };
}

/** The bytes for the editor. */
export function shown({ text, scissors, notes, newline, isOpenEnded }: Page): Uint8Array {
  const below = [scissors, ...notes].map((line) => line + newline).join('');
  return Buffer.from(text + (isOpenEnded ? newline : '') + below, 'latin1');
}

/** The text as the user has left it, without the explanation and with the mark that some editors drop. */
export function takenFrom(edited: Uint8Array, page: Page): Uint8Array {
  const lines = Buffer.from(edited).toString('latin1').split('\n');
  const bare = lines.map((line) => line.replace(/\r$/, ''));
  let end = bare.lastIndexOf(page.scissors);
  if (end < 0) {
    // Without the scissors, only what is still ours word for word is left out.
    end = bare.at(-1) === '' ? lines.length - 1 : lines.length;
    while (end > 0 && page.notes.includes(bare[end - 1] ?? '')) end--;
  }
  const whole = lines.slice(0, end).map((line, index) => (index < lines.length - 1 ? `${line}\n` : line));
  const text = whole.join('');
  const added = !page.isOpenEnded ? '' : text.endsWith(page.newline) ? page.newline : text.endsWith('\n') ? '\n' : '';
  const own = text.slice(0, text.length - added.length);
  const isMarkGone = page.hasMark && own !== '' && !own.startsWith(BYTE_ORDER_MARK);
  return Buffer.from(isMarkGone ? BYTE_ORDER_MARK + own : own, 'latin1');
}

function scissorsOf(dashes: string): string {
  return `# ${dashes} >8 ${dashes}`;
}
