import { fencesIn } from './fences.ts';

/** How the markers of a section look in a file of a kind. */
export interface Markers {
  readonly begin: string;
  readonly end: string;
  /** Whether a line may be inside a block of code, where a marker is only shown. */
  readonly fences: 'code' | 'none';
}

export const MARKDOWN: Markers = {
  begin: '<!-- agentq:begin (written by `agentq setup`, which replaces it) -->',
  end: '<!-- agentq:end -->',
  fences: 'code',
};

/** Comments of TOML and YAML. */
export const HASH: Markers = {
  begin: '# agentq:begin (written by `agentq setup`, which replaces it)',
  end: '# agentq:end',
  fences: 'none',
};

/** What cannot be edited, and in which line (from 1). */
export interface Problem {
  readonly kind: 'problem';
  readonly line: number;
  readonly words: string;
}

/** A file's text after an edit; undefined: nothing but our part was in it, so that it goes. */
export interface Edited {
  readonly kind: 'text';
  readonly text: string | undefined;
}

/** The part of a file between our markers. */
interface Span {
  readonly from: number;
  /** Where the line after the end marker begins. */
  readonly to: number;
  /** Whether this version's marker begins it. */
  readonly marker: 'current' | 'earlier';
  readonly body: string;
}

const BOM = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/;

/**
 * The text with our section in it: replacing the one that is there, or at the end. What is outside the markers stays
 * as it is, byte for byte, and {@link withoutSection} gives it back.
 * @param text undefined: there is no such file
 * @param body lines, without the markers
 */
export function withSection(text: string | undefined, body: string, markers: Markers): Edited | Problem {
  const { found, open } = findSection(text ?? '', markers);
  if (found?.kind === 'problem') return found;
  if (found === undefined && open !== undefined) return problem(open, 'begins a block of code that does not end');
  const eol = eolOf(text ?? '');
  const section = (newline: string) => [markers.begin, ...body.trimEnd().split('\n'), markers.end].join(newline);
  if (text === undefined) return { kind: 'text', text: `${section('\n')}\n` };
  if (found === undefined) return { kind: 'text', text: `${text}${eol}${section(eol)}${eol}` };
  const { from, to, marker, body: old } = found;
  if (marker === 'current' && old === body.trimEnd()) return { kind: 'text', text };
  const isLast = to === text.length && !text.endsWith('\n');
  const own = eolOf(text.slice(from, to));
  return { kind: 'text', text: `${text.slice(0, from)}${section(own)}${isLast ? '' : own}${text.slice(to)}` };
}

/** The text without our section; the same text if it has none. */
export function withoutSection(text: string, markers: Markers): Edited | Problem {
  const { found } = findSection(text, markers);
  if (found === undefined) return { kind: 'text', text };
  if (found.kind === 'problem') return found;
  const { from, to } = found;
  const after = text.slice(to);
  const before = text.slice(0, from);
  if (before === '') return { kind: 'text', text: after === '' ? undefined : after };
  // The line break before a section was written with it, and it is the kind that the section has.
  const eol = eolOf(text.slice(from, to));
  const isOurs = before.endsWith(eol) && !(after !== '' && isInLine(before.slice(0, -eol.length)));
  return { kind: 'text', text: `${isOurs ? before.slice(0, -eol.length) : before}${after}` };
}

/** The line break that most files of this kind have only one of; that of the first line decides. */
export function eolOf(text: string): '\n' | '\r\n' {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}

/** Whether what comes next would continue the last line. */
function isInLine(text: string): boolean {
  return text.replace(BOM, '') !== '' && !text.endsWith('\n');
}

/** @returns also the line (from 0) of a fence that hides all that comes after it, since it never ends */
function findSection(
  text: string,
  markers: Markers,
): { readonly found: (Span & { readonly kind: 'span' }) | Problem | undefined; readonly open?: number | undefined } {
  const lines = linesOf(text);
  const { isCode, open } =
    markers.fences === 'code' ? fencesIn(lines.map(({ words }) => words)) : { isCode: () => false, open: undefined };
  const marks = lines.flatMap(({ words }, index) => {
    const mark = markOf(words, markers);
    return mark === undefined ? [] : [{ mark, index }];
  });
  const hidden = marks.find(({ index }) => open !== undefined && index > open);
  if (hidden !== undefined) return { found: problem(open ?? 0, 'begins a block of code that does not end') };
  const [begin, end, ...others] = marks.filter(({ index }) => !isCode(index));
  if (begin === undefined) return { found: undefined, open };
  if (begin.mark === 'end') return { found: problem(begin.index, 'ends an agentq section that does not begin') };
  if (end?.mark !== 'end') return { found: problem(begin.index, 'begins an agentq section that does not end') };
  const [second] = others;
  if (second !== undefined) return { found: problem(second.index, 'is one marker of agentq too many') };
  const [first, last] = [lines[begin.index], lines[end.index]];
  if (first === undefined || last === undefined) return { found: undefined, open };
  const body = lines.slice(begin.index + 1, end.index).map(({ words }) => words);
  const marker = first.words === markers.begin ? 'current' : 'earlier';
  return { found: { kind: 'span', from: first.from, to: last.to, marker, body: body.join('\n') } };
}

function problem(index: number, words: string): Problem {
  return { kind: 'problem', line: index + 1, words };
}

/** A marker is a line of its own. Earlier versions may have said something else in its brackets, or nothing. */
function markOf(line: string, { begin, end }: Markers): 'begin' | 'end' | undefined {
  if (line === end) return 'end';
  const [stem, tail] = [begin.slice(0, begin.indexOf(' (')), begin.slice(begin.lastIndexOf(')') + 1)];
  const isRemark = line.startsWith(`${stem} (`) && line.endsWith(`)${tail}`);
  return isRemark || line === `${stem}${tail}` ? 'begin' : undefined;
}

/** Lines with where they are; the words without the line break, and without a byte order mark. */
function linesOf(text: string): { readonly from: number; readonly to: number; readonly words: string }[] {
  const start = BOM.exec(text)?.[0].length ?? 0;
  const lines: { from: number; to: number; words: string }[] = [];
  for (let from = start; from < text.length; ) {
    const at = text.indexOf('\n', from);
    const to = at < 0 ? text.length : at + 1;
    const words = text.slice(from, at < 0 ? to : at);
    lines.push({ from, to, words: words.endsWith('\r') ? words.slice(0, -1) : words });
    from = to;
  }
  return lines;
}
