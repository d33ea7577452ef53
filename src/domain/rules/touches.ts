/**
 * Which files a task is going to change, as globs, and whether two globs can mean the same file.
 *
 * A library that matches paths does not answer that, and those for intersections are unmaintained, or take exponential
 * time. So this compares the globs themselves, segment by segment, as two automata that read the same path. Where a
 * glob says more than that can express, it is taken for more than it is: keeping tasks apart without need costs a
 * little time; letting two tasks change one file at the same time costs a merge.
 *
 * As in bash and picomatch: `*` and `?` stay within a segment, `**` does not, `{a,b}` and `[a-z]`. Taken for more: a
 * character class is any character, an extended glob (`+(a|b)`) and everything after it is anything, upper case is
 * lower case, and hidden files count. What names no wildcard at its end may be a folder, and stands for all that is in
 * it.
 */

/** A compiled glob: the alternatives that its braces give. */
export type Glob = readonly Path[];

type Path = readonly Segment[];

/** `any`: any number of segments. */
type Segment = 'any' | readonly Token[];

/** A character, one character that is not known, or any number of them. */
type Token = { readonly char: string } | 'one' | 'some';

const ANYTHING: Glob = [['any']];

/**
 * A longer glob (characters), or more alternatives of one, are anything: comparing takes the product of the lengths.
 */
const LONGEST = 300;
const MOST_ALTERNATIVES = 32;

/** More globs of a task are anything. */
const MOST_GLOBS = 64;

/**
 * The globs of a task as its file lists them: each item may be several, with commas. What is excluded (`!src/x`) is
 * left out, since that only makes the rest less.
 */
export function globsIn(items: readonly string[]): readonly string[] {
  const globs = items.flatMap((item) => splitOutsideBraces(withoutBrackets(item.trim())));
  const texts = globs.map((glob) => glob.trim().replace(/^(["'])(.*)\1$/, '$2')).filter((glob) => glob !== '');
  const included = texts.filter((glob) => !glob.startsWith('!'));
  if (included.length > MOST_GLOBS || (included.length === 0 && texts.length > 0)) return ['**'];
  return included;
}

/** Compiles a glob, in time that its length bounds. */
export function compileGlob(glob: string): Glob {
  if (glob.length > LONGEST) return ANYTHING;
  const alternatives = expandBraces(glob.replaceAll('\\/', '/'));
  return alternatives === undefined ? ANYTHING : alternatives.map(pathOf);
}

/** Whether there may be a path that both globs match. If there is one, the answer is yes. */
export function doOverlap(one: Glob, other: Glob): boolean {
  return one.some((path) => other.some((second) => canBeSame(path, second, pathSteps)));
}

/** `[a, b]` as people write lists on one line. Without a comma it is a character class. */
function withoutBrackets(item: string): string {
  return item.startsWith('[') && item.endsWith(']') && item.includes(',') ? item.slice(1, -1) : item;
}

function splitOutsideBraces(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '{' || char === '(') depth++;
    else if (char === '}' || char === ')') depth--;
    else if (char === ',' && depth <= 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** All alternatives; undefined if there are too many, or if the braces are not plain lists. */
function expandBraces(glob: string): string[] | undefined {
  let open: string[] = [glob];
  const done: string[] = [];
  // Each round takes the first braces of each text, so it ends after as many rounds as there are.
  while (open.length > 0) {
    const next: string[] = [];
    for (const text of open) {
      const braces = firstBraces(text);
      if (braces === undefined) done.push(text);
      else if (braces === 'odd') return undefined;
      else for (const part of braces.parts) next.push(`${braces.before}${part}${braces.after}`);
    }
    if (done.length + next.length > MOST_ALTERNATIVES) return undefined;
    open = next;
  }
  return done;
}

/** The innermost braces that close first: those around them follow. `odd`: not a list, such as `{1..3}` or `${x}`. */
function firstBraces(
  text: string,
): { readonly before: string; readonly parts: readonly string[]; readonly after: string } | 'odd' | undefined {
  let from = -1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '{') from = at;
    else if (char === '}') {
      const parts = from < 0 ? [] : splitOutsideBraces(text.slice(from + 1, at));
      if (parts.length < 2) return 'odd';
      return { before: text.slice(0, from), parts, after: text.slice(at + 1) };
    }
  }
  return from < 0 ? undefined : 'odd';
}

function pathOf(text: string): Path {
  const path: Segment[] = [];
  const parts = text.toLowerCase().split('/');
  if (parts.includes('..')) return ['any'];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    const segment = segmentOf(part);
    // What cannot be expressed: anything may follow.
    if (segment === undefined) return [...path, 'any'];
    path.push(segment);
  }
  const last = path.at(-1);
  const isName = Array.isArray(last) && last.every((token) => typeof token === 'object');
  return isName || path.length === 0 ? [...path, 'any'] : path;
}

/** undefined: not to be expressed here. */
function segmentOf(part: string): Segment | undefined {
  if (/[?*+@!]\(/.test(part)) return undefined;
  if (part.includes('**')) return 'any';
  const tokens: Token[] = [];
  for (let at = 0; at < part.length; at++) {
    const char = part[at] ?? '';
    if (char === '*') tokens.push('some');
    else if (char === '?') tokens.push('one');
    else if (char === '\\') tokens.push({ char: part[++at] ?? '\\' });
    else if (char === '[') {
      // A `]` right at the beginning belongs to the class.
      const close = part.indexOf(']', at + (/^\[[!^]?\]/.test(part.slice(at)) ? 3 : 1));
      if (close < 0 || part.slice(at, close).includes('[:')) return undefined;
      tokens.push('one');
      at = close;
    } else tokens.push({ char });
  }
  return tokens;
}

/** How two automata go on together from a pair of their steps. */
interface Steps<Step> {
  /** Whether the step takes any number of what follows. */
  isLoop(step: Step): boolean;
  canBeSame(one: Step, other: Step): boolean;
}

const tokenSteps: Steps<Token> = {
  isLoop: (token) => token === 'some',
  canBeSame: (one, other) => one === 'one' || other === 'one' || (one as { char: string }).char === charOf(other),
};

const pathSteps: Steps<Segment> = {
  isLoop: (segment) => segment === 'any',
  canBeSame: (one, other) => one === 'any' || other === 'any' || canBeSame(one, other, tokenSteps),
};

function charOf(token: Token): string | undefined {
  return typeof token === 'object' ? token.char : undefined;
}

/** Whether both can read the same to their ends: each pair of positions is judged once, from the last one on. */
function canBeSame<Step>(one: readonly Step[], other: readonly Step[], steps: Steps<Step>): boolean {
  const width = other.length + 1;
  const ends = new Array<boolean>((one.length + 1) * width).fill(false);
  for (let i = one.length; i >= 0; i--) {
    for (let j = other.length; j >= 0; j--) {
      ends[i * width + j] = endsFrom(i, j);
    }
  }
  return ends[0] === true;

  function endsFrom(i: number, j: number): boolean {
    const [a, b] = [one[i], other[j]];
    const after = (down: number, right: number): boolean => ends[(i + down) * width + j + right] === true;
    if (a === undefined && b === undefined) return true;
    if (a !== undefined && steps.isLoop(a)) return after(1, 0) || (b !== undefined && after(0, 1));
    if (b !== undefined && steps.isLoop(b)) return after(0, 1) || (a !== undefined && after(1, 0));
    return a !== undefined && b !== undefined && after(1, 1) && steps.canBeSame(a, b);
  }
}
