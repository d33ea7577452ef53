import { sanitizeLine } from './sanitize.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/**
 * The lines of a table whose columns are as wide as their widest cell. Cells are sanitized here, so that no caller can
 * forget it. `width` cuts lines to fit a terminal; undefined keeps them whole, for files and pipes.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): string[] {
  const lines = [columns.map((column) => column.title), ...rows.map((row) => row.map(sanitizeLine))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => displayWidth(line[index] ?? ''))));
  return lines.map((line) => {
    const cells = columns.map((column, index) => {
      const text = line[index] ?? '';
      const padding = ' '.repeat((widths[index] ?? 0) - displayWidth(text));
      return column.align === 'right' ? padding + text : text + padding;
    });
    const whole = cells.join('  ').trimEnd();
    return width === undefined ? whole : cutToWidth(whole, width);
  });
}

/**
 * The lines of a table without as many of the lesser columns as it takes to fit the width, and then cut to it.
 * @param lesser titles of columns, in the order in which they are left out
 * @param table makes the table without these columns
 */
export function fittingTable(
  width: number | undefined,
  lesser: readonly string[],
  table: (gone: readonly string[]) => readonly string[],
): readonly string[] {
  if (width === undefined) return table([]);
  const fits = (lines: readonly string[]): boolean => lines.every((line) => displayWidth(line) <= width);
  const gone = lesser.map((_, count) => lesser.slice(0, count)).find((some) => fits(table(some))) ?? lesser;
  return table(gone).map((line) => cutToWidth(line, width));
}

/**
 * The line of a table with one of its cells painted; the line itself where the cell was cut.
 * @param at where the cell begins, in columns of the terminal
 */
export function paintCell(line: string, at: number, cell: string, paint: (text: string) => string): string {
  let index = 0;
  for (let column = 0; column < at && index < line.length; ) {
    const character = String.fromCodePoint(line.codePointAt(index) ?? 0);
    column += widthOf(character);
    index += character.length;
  }
  // Combining characters belong to what is before them.
  while (index < line.length && widthOf(String.fromCodePoint(line.codePointAt(index) ?? 0)) === 0) index++;
  if (!line.startsWith(cell, index)) return line;
  return line.slice(0, index) + paint(cell) + line.slice(index + cell.length);
}

/** Columns that the text takes on a terminal: two for wide characters, none for combining ones. */
export function displayWidth(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** The text, cut to the width with an ellipsis if it is too long. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const character of text) {
    used += widthOf(character);
    if (used > width - 1) break;
    cut += character;
  }
  return `${cut.trimEnd()}…`;
}

function widthOf(character: string): number {
  if (/^(?:\p{Mn}|\p{Me}|\u200d)$/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** East Asian wide and fullwidth characters, and emoji that take two columns. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
