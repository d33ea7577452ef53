/** Blocks of code in Markdown that begin and end with a line of backticks or tildes. */
export interface Fences {
  /** Whether the line (from 0) is in such a block. */
  isCode(index: number): boolean;
  /** The line that begins a block which never ends; undefined: there is none. */
  readonly open: number | undefined;
}

/** A list may indent a fence as far as it likes; the one that ends it may be up to three columns further in. */
const FURTHER_IN = 3;

/** Finds the blocks of code in these lines. What comes after a fence that never ends is code, too. */
export function fencesIn(lines: readonly string[]): Fences {
  const code = new Set<number>();
  let open: { readonly at: number; readonly indent: number; readonly fence: string } | undefined;
  for (const [index, line] of lines.entries()) {
    const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
    const fence = /^(?:`{3,}|~{3,})/.exec(line.slice(indent))?.[0];
    const info = line.slice(indent + (fence?.length ?? 0));
    if (open !== undefined) {
      code.add(index);
      const isEnd = fence?.startsWith(open.fence) && info.trim() === '' && indent <= open.indent + FURTHER_IN;
      if (isEnd) open = undefined;
    } else if (fence !== undefined && !(fence.startsWith('`') && info.includes('`'))) {
      code.add(index);
      open = { at: index, indent, fence };
    }
  }
  return { isCode: (index) => code.has(index), open: open?.at };
}
