import type { Finding } from '../../domain/base/finding.ts';
import { given } from '../../domain/base/given.ts';
import type { Reading } from '../../domain/queue/snapshot.ts';
import type { DependencyEntry, Note, Question, Scalar, Task } from '../../domain/queue/task.ts';

/**
 * Readings as the index keeps them: what decisions ask for, on one line of ASCII each.
 *
 * The line is `kind TAB title TAB required TAB blocks TAB labels TAB notes`, and `TAB questions` if there are any. What
 * many tasks have in common (status, priority, type, ...) is the kind, a number into a list of JSON; the rest is JSON
 * too, and empty if there is nothing. That is half the size of one JSON object per line, and a quarter of whole tasks.
 *
 * Not kept: summary, details, criteria, checks, the declared names, findings, and lines of the file.
 */

/** Longer lines are not kept: a task with a megabyte of labels is read from its file each time. */
const LONGEST_LINE = 4096;

/** What a kind says: a task without the fields of its line, or why a file cannot be read. */
type Kind =
  | { readonly task: Omit<Task, OfLine | 'acceptanceCriteria' | 'verify'> }
  | { readonly unreadable: { readonly message: string; readonly line?: number } };

/** What a line says itself. */
type OfLine = 'title' | 'required' | 'blocks' | 'labels' | 'notes' | 'questions';

/** A task that is being filled in. */
type Draft = { -readonly [Name in keyof Task]: Task[Name] };

/** What the tasks of a kind are copies of, with the properties that their lines fill in. */
type Pattern =
  | { readonly unreadable: { readonly message: string; readonly line?: number } }
  | { readonly unreadable?: undefined; readonly titled: Draft; readonly untitled: Draft };

/** `[id, line]`, or `[id, line, text]` if the text of the entry is not just its id. */
type PackedDependency = readonly [id: string | null, line: number, text?: string];

const NO_DEPENDENCIES: readonly DependencyEntry[] = [];
const NO_CRITERIA: readonly string[] = [];
const NO_FINDINGS: readonly Finding[] = [];
const NO_LABELS: Readonly<Record<string, Scalar>> = {};

/** The kinds of the lines that are being written. */
export class KindWriter {
  readonly #numbers = new Map<string, number>();

  /** JSON of every kind so far, in the order of their numbers. */
  get all(): readonly string[] {
    return [...this.#numbers.keys()];
  }

  numberOf(json: string): number {
    const known = this.#numbers.get(json);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(json, number);
    return number;
  }
}

/** @returns the line of a reading; undefined if there is nothing to keep. */
export function packReading(reading: Reading, kinds: KindWriter): string | undefined {
  if (reading.kind === 'unread') return undefined;
  if (reading.kind === 'unreadable') {
    const { message, line } = reading;
    const kind: Kind = { unreadable: { message, ...given({ line }) } };
    return `${kinds.numberOf(asciiJson(kind))}\t\t\t\t\t`;
  }
  const { title, required, blocks, labels, notes, questions, ...rest } = reading.task;
  const { summary: _s, details: _d, declaredId: _i, declaredProject: _p, ...used } = rest;
  const { acceptanceCriteria: _a, verify: _v, ...task } = used;
  const kind: Kind = { task };
  const fields = [
    title === undefined ? '' : asciiJson(title),
    packDependencies(required),
    packDependencies(blocks),
    Object.keys(labels).length === 0 ? '' : asciiJson(labels),
    notes === undefined ? '' : asciiJson(notes),
    ...(questions === undefined ? [] : [asciiJson(questions)]),
  ].join('\t');
  return fields.length > LONGEST_LINE ? undefined : `${kinds.numberOf(asciiJson(kind))}\t${fields}`;
}

/** Reads lines that {@link packReading} wrote. */
export class LineReader {
  readonly #kinds: readonly string[];
  readonly #parsed: (Pattern | undefined)[] = [];

  constructor(kinds: readonly string[]) {
    this.#kinds = kinds;
  }

  /** JSON of the line's kind. */
  kindOf(line: string): string {
    return this.#kinds[Number(line.slice(0, line.indexOf('\t')))] ?? '';
  }

  /** The reading of the line that begins at `at` in a longer text. */
  unpack(text: string, at: number): Reading {
    const afterKind = text.indexOf('\t', at);
    const kind = this.#kind(Number(text.slice(at, afterKind)));
    if (kind.unreadable !== undefined) return { kind: 'unreadable', ...kind.unreadable };
    const afterTitle = text.indexOf('\t', afterKind + 1);
    const afterRequired = text.indexOf('\t', afterTitle + 1);
    const afterBlocks = text.indexOf('\t', afterRequired + 1);
    const afterLabels = text.indexOf('\t', afterBlocks + 1);
    const end = text.indexOf('\n', afterLabels + 1);
    // A spread of one object with nothing after it: V8 copies its shape. Then every property is there already.
    const hasTitle = afterTitle > afterKind + 1;
    const task = hasTitle ? { ...kind.titled } : { ...kind.untitled };
    if (hasTitle) task.title = unpackText(text, afterKind + 1, afterTitle);
    if (afterRequired > afterTitle + 1) task.required = unpackDependencies(text, afterTitle + 1, afterRequired);
    if (afterBlocks > afterRequired + 1) task.blocks = unpackDependencies(text, afterRequired + 1, afterBlocks);
    if (afterLabels > afterBlocks + 1) task.labels = parse<Task['labels']>(text.slice(afterBlocks + 1, afterLabels));
    if (end > afterLabels + 1) {
      const [notes, questions] = text.slice(afterLabels + 1, end).split('\t');
      if (notes !== undefined && notes !== '') task.notes = parse<readonly Note[]>(notes);
      if (questions !== undefined) task.questions = parse<readonly Question[]>(questions);
    }
    return { kind: 'read', task, findings: NO_FINDINGS };
  }

  #kind(number: number): Pattern {
    const known = this.#parsed[number];
    if (known !== undefined) return known;
    const pattern = patternOf(parse<Kind>(this.#kinds[number] ?? ''));
    this.#parsed[number] = pattern;
    return pattern;
  }
}

function patternOf(kind: Kind): Pattern {
  if ('unreadable' in kind) return kind;
  const untitled: Draft = {
    acceptanceCriteria: NO_CRITERIA,
    required: NO_DEPENDENCIES,
    blocks: NO_DEPENDENCIES,
    labels: NO_LABELS,
    ...kind.task,
  };
  return { titled: { ...untitled, title: '' }, untitled };
}

/** The line with another number for its kind. */
export function renumbered(line: string, kindNumber: number): string {
  return `${kindNumber}${line.slice(line.indexOf('\t'))}`;
}

/** JSON in ASCII, so that the index can be read as one byte per character. It never holds a tab or a newline. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function packDependencies(entries: readonly DependencyEntry[]): string {
  if (entries.length === 0) return '';
  return asciiJson(
    entries.map(({ id, text, line }): PackedDependency => (id === text ? [id, line] : [id ?? null, line, text])),
  );
}

function unpackDependencies(text: string, from: number, to: number): readonly DependencyEntry[] {
  const only = onlyDependency(text, from, to);
  if (only !== undefined) return [only];
  return parse<readonly PackedDependency[]>(text.slice(from, to)).map(([id, line, as]) => ({
    id: id ?? undefined,
    text: as ?? id ?? '',
    line,
  }));
}

/**
 * What most lists are, one id as it is written: `[["TASK-1",23]]`. A thousand calls of `JSON.parse` take V8 8 ms, before
 * it has compiled anything, and this takes a tenth.
 */
function onlyDependency(text: string, from: number, to: number): DependencyEntry | undefined {
  const end = text.indexOf('"', from + 3);
  const line = Number(text.slice(end + 2, to - 2));
  const isPlain = text.startsWith('[["', from) && text[end + 1] === ',' && Number.isInteger(line);
  const id = text.slice(from + 3, end);
  return isPlain && end < to && !id.includes('\\') ? { id, text: id, line } : undefined;
}

function unpackText(text: string, from: number, to: number): string {
  const json = text.slice(from, to);
  return json.includes('\\') ? parse<string>(json) : json.slice(1, -1);
}

/** This very version wrote the text, and a checksum vouches for it. */
function parse<T>(json: string): T {
  return JSON.parse(json) as T;
}
