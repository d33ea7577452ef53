import { posix } from 'node:path';

/** A table, with its cells as they are. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/**
 * Text of a declaration as Markdown: options, variables and arguments become code, names of pages become links, and
 * nothing in it is taken for HTML.
 */
export function prose(text: string): string {
  // What is between backticks is code already.
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : marked(part)))
    .join('');
}

/** A link to `docs/page.md#heading`, from a page in `docs`. */
export function pageLink(page: string): string {
  const target = posix.relative('docs', page);
  return `[${(target.split('#', 1)[0] ?? '').replace(/\.md$/, '')}](${target})`;
}

const CODE = /(?<![\w-])--[a-z][a-z-]*|\$[A-Z][A-Z_]+|\bAGENTQ_[A-Z_]+|<[a-z-]+>/g;
const PAGE = /\bdocs\/[\w-]+\.md\b/g;

function marked(text: string): string {
  return text
    .replace(CODE, (code) => `\`${code}\``)
    .replace(PAGE, pageLink)
    .replace(/(?<!`)<|<(?![a-z-]+>`)/g, '\\<');
}

/** Even in code, a bar would end the cell. */
function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
