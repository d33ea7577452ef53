import { ToonDecodeError } from '@toon-format/toon';
import { type ParsedFile, parseText } from '../codec/read-task.ts';
import { taskPathOf } from '../codec/text/document.ts';
import { findFirst } from '../codec/text/path.ts';
import { isBlank, lineAt, lineText, type Source, unitOf } from '../codec/text/source.ts';
import { BlanksError, decodeToon } from '../codec/text/toon.ts';
import { itemStarts, NestingError } from '../codec/text/tree.ts';
import { isMap, planFailure, type RawPlan, type RawTask, type RawValue } from './raw-plan.ts';

/** What the TOON library makes of the input; `dialect` if only the reader of task files understands it. */
export type ToonReading = { readonly kind: 'plan'; readonly plan: RawPlan } | { readonly kind: 'dialect' };

/** A TOON document: `tasks[n]` with one task per entry, a list alone, or a single task like a task file. */
export function readToonPlan(text: string, name: string): ToonReading {
  const file = parsed(text, name);
  const isTaskFile = taskPathOf(file.tree)?.length === 1;
  let value: unknown;
  try {
    value = decodeToon(text.replace(/\r\n/g, '\n'), { indentSize: unitOf(file.source).length });
  } catch (error) {
    if (isTaskFile) return { kind: 'dialect' };
    if (!(error instanceof Error)) throw error;
    const line = error instanceof ToonDecodeError || error instanceof BlanksError ? error.line : undefined;
    throw planFailure(name, line, `not readable as TOON: ${error.message.replace(/^Line \d+: /, '')}`, error);
  }
  // The library takes the marker of a block text for the text.
  const marker = blockMarker(file.source);
  if (marker !== undefined) {
    if (isTaskFile) return { kind: 'dialect' };
    throw planFailure(name, marker, 'block text after | is for task files: write "one string with \\n" here');
  }
  return { kind: 'plan', plan: toPlan(value, file) };
}

function parsed(text: string, name: string): ParsedFile {
  try {
    return parseText(text);
  } catch (error) {
    if (error instanceof NestingError) throw planFailure(name, error.line, error.message, error);
    throw error;
  }
}

function toPlan(value: unknown, file: ParsedFile): RawPlan {
  const { source, tree } = file;
  if (Array.isArray(value)) {
    const header = source.lines.findIndex((line) => !isBlank(line));
    return {
      shared: undefined,
      tasks: listOf(
        source,
        value,
        itemStarts(source, header + 1, source.lines.length, value.length),
        source.lines.length,
      ),
    };
  }
  const whole: RawValue = { value, line: (field) => lineOfField(file, field) };
  if (!isMap(value) || !Array.isArray(value.tasks)) return { shared: undefined, tasks: [{ index: 1, ...whole }] };
  const node = findFirst(tree, 'tasks');
  return { shared: whole, tasks: listOf(source, value.tasks, node?.items ?? [], node?.end ?? source.lines.length) };
}

/** @param starts first line of each entry, 0-based */
function listOf(source: Source, values: readonly unknown[], starts: readonly number[], end: number): RawTask[] {
  const isKnown = starts.length === values.length;
  return values.map((value, index) => {
    const start = isKnown ? starts[index] : undefined;
    return {
      index: index + 1,
      value,
      line: (field) =>
        start === undefined
          ? undefined
          : (field && lineWithKey(source, field, start, starts[index + 1] ?? end)) || start + 1,
    };
  });
}

function lineWithKey(source: Source, key: string, from: number, to: number): number | undefined {
  for (let at = from; at < to; at++) {
    const text = lineText(source, lineAt(source, at)).replace(/^- /, '');
    if (text.startsWith(key) && /^[[{:]/.test(text.slice(key.length))) return at + 1;
  }
  return undefined;
}

function lineOfField({ source, tree }: ParsedFile, field: string | undefined): number {
  const first = source.lines.findIndex((line) => !isBlank(line));
  if (field === undefined) return first + 1;
  for (const path of [[field], ['task', field], ['description', field], ['dependencies', field]]) {
    const node = findFirst(tree, ...path);
    if (node) return node.line + 1;
  }
  return first + 1;
}

function blockMarker(source: Source): number | undefined {
  const at = source.lines.findIndex((line) => /^(?:- )?[^"\s][^"]*: [|>][-+]?$/.test(lineText(source, line)));
  return at < 0 ? undefined : at + 1;
}
