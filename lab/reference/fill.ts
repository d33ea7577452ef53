import { BLOCKS } from './blocks.ts';

/** The mark before a block, with its name. */
const BEGIN = /^<!-- npm run docs: (\S[^>]*) -->$/;

/** After it. */
const END = '<!-- end -->';

/**
 * The page with its blocks as the declarations have them now; the rest of it stays as it is.
 * @throws Error if the name of a block is unknown, or a block does not end
 */
export function filled(page: string): string {
  const lines: string[] = [];
  let open: string | undefined;
  for (const line of page.split('\n')) {
    if (open === undefined) {
      open = nameOf(line);
      lines.push(line, ...(open === undefined ? [] : ['', ...wanted(open), '']));
    } else if (line === END) {
      open = undefined;
      lines.push(line);
    }
  }
  if (open !== undefined) throw new Error(`the block ${open} does not end: ${END} is missing`);
  return lines.join('\n');
}

/** The names of the blocks that the page has. */
export function blocksIn(page: string): string[] {
  return page.split('\n').flatMap((line) => nameOf(line) ?? []);
}

function nameOf(line: string): string | undefined {
  return BEGIN.exec(line)?.[1];
}

function wanted(name: string): readonly string[] {
  const lines = BLOCKS[name];
  if (lines === undefined) throw new Error(`no block ${name}: known are ${Object.keys(BLOCKS).join(', ')}`);
  return lines();
}
