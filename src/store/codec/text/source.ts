/** One line of a task file. Offsets are into {@link Source.text}; `from === to` if the line is blank. */
export interface Line {
  /** First character, after a byte order mark. */
  readonly start: number;
  /** Width of the indentation, in columns. */
  readonly indent: number;
  /** First character that is not blank. */
  readonly from: number;
  /** After the last character that is not blank: carriage returns and trailing blanks are outside. */
  readonly to: number;
  /** After the newline: where the next line starts. */
  readonly end: number;
}

/** A task file cut into lines. Nothing is lost, so that edits can be made at the spans. */
export interface Source {
  readonly text: string;
  readonly lines: readonly Line[];
}

const TAB = 9;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const HASH = 35;
const DASH = 45;

/** Cuts the text into lines. A carriage return before the line feed belongs to the newline. */
export function cutLines(text: string): Source {
  const tabWidth = text.includes('\t') ? widthOfTab(text) : 1;
  const lines: Line[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', start);
    const contentEnd = feed < 0 ? text.length : feed;
    let from = start;
    let indent = 0;
    for (; from < contentEnd; from++) {
      const code = text.charCodeAt(from);
      if (code === SPACE) indent++;
      else if (code === TAB) indent += tabWidth;
      else break;
    }
    let to = contentEnd;
    while (to > from && isBlankCode(text.charCodeAt(to - 1))) to--;
    const end = feed < 0 ? text.length : feed + 1;
    lines.push({ start, indent, from, to, end });
    start = end;
  }
  return { text, lines };
}

/** Whether the line holds nothing but spaces, tabs and its newline. */
export function isBlank(line: Line): boolean {
  return line.from >= line.to;
}

/** Whether the line is a comment, if comments are possible there: `#` before anything else. */
export function isComment(source: Source, line: Line): boolean {
  return line.from < line.to && source.text.charCodeAt(line.from) === HASH;
}

/** Whether the line is an item with a dash: `- text`, or a `-` alone. */
export function isDash(source: Source, line: Line): boolean {
  if (source.text.charCodeAt(line.from) !== DASH) return false;
  const next = source.text.charCodeAt(line.from + 1);
  return line.to === line.from + 1 || next === SPACE || next === TAB;
}

/** @throws RangeError if there is no such line, which is a bug in agentq. */
export function lineAt(source: Source, index: number): Line {
  const line = source.lines[index];
  if (line === undefined) throw new RangeError(`no line ${index}`);
  return line;
}

/** The line without indentation, trailing blanks and newline. */
export function lineText(source: Source, line: Line): string {
  return source.text.slice(line.from, line.to);
}

/** The newline of the file: that of its first line; `\n` if it has none. */
export function newlineOf(source: Source): '\n' | '\r\n' {
  const feed = source.text.indexOf('\n');
  return feed > 0 && source.text.charCodeAt(feed - 1) === CARRIAGE_RETURN ? '\r\n' : '\n';
}

/** One step of indentation, as in the file's first indented line; two spaces if there is none. */
export function unitOf(source: Source): string {
  const first = source.lines.find((line) => line.indent > 0 && !isBlank(line) && !isComment(source, line));
  return first === undefined ? '  ' : source.text.slice(first.start, first.from);
}

function isBlankCode(code: number): boolean {
  return code === SPACE || code === TAB || code === CARRIAGE_RETURN;
}

/** A tab is one step; if spaces are used too, it is as wide as their first step. */
function widthOfTab(text: string): number {
  return /^( +)(?=[^\s])/m.exec(text)?.[1]?.length ?? 1;
}
