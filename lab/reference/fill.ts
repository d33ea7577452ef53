import { BLOCKS } from './blocks.ts';

const BLOCK = /^<!-- npm run docs: (.+) -->\n([\s\S]*?)^<!-- end -->$/gm;

/**
 * The page with its blocks as the declarations have them now; the rest of it stays as it is.
 * @throws Error if a block has a name that nothing is known of
 */
export function filled(page: string): string {
  return page.replace(BLOCK, (_, name: string) => {
    const lines = BLOCKS[name];
    if (lines === undefined) throw new Error(`no block ${name}: known are ${Object.keys(BLOCKS).join(', ')}`);
    return `<!-- npm run docs: ${name} -->\n\n${lines().join('\n')}\n\n<!-- end -->`;
  });
}

/** The names of the blocks that the page has. */
export function blocksIn(page: string): string[] {
  return [...page.matchAll(BLOCK)].map(([, name = '']) => name);
}
