import { sanitizeLine } from './sanitize.ts';

/**
 * Lets text colours, bold and the like pass, but no other control sequence of a command: no hidden text, no background,
 * and no black, which would hide text just as well.
 */
export function withColours(line: string): string {
  const parts = line.split(/(\u001b\[[\d;]{0,100}m)/);
  const shown = parts
    .map((part, index) => (index % 2 === 1 ? harmlessStyle(part) : sanitizeLine(part.replaceAll('\t', '    '))))
    .join('');
  return parts.length > 1 ? `${shown}\u001b[0m` : shown;
}

/** Reset, bold, dim, italic, underlined, and their ends; all colours but black; the terminal's default colour. */
const HARMLESS_STYLE = /^(?:0?[0-4]|2[2-4]|3[1-79]|9[1-7])$/;

function harmlessStyle(sequence: string): string {
  const styles = sequence.slice(2, -1).split(';');
  // `38;5;0` is one colour; each of its numbers alone would mean something else.
  const isHarmless = styles.every((style) => style === '' || HARMLESS_STYLE.test(style));
  return isHarmless ? sequence : '';
}
