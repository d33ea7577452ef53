import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';
import type * as z from 'zod/mini';
import { planFailure } from '../../input/raw-plan.ts';
import { checked, type SourceText } from '../checked.ts';

/** A Markdown file with YAML in front. */
export interface FrontMatter<T> {
  readonly value: T;
  readonly body: string;
  /** 1-based line of the body's first line. */
  readonly bodyLine: number;
}

/**
 * Reads the YAML in front of a Markdown file. Every scalar is text: no date, number or word becomes something else.
 * An alias is a reference, and is followed only where the schema has a place for it.
 * @returns undefined if there is none
 * @throws Failure `task-invalid` that names file, line and field
 */
export function readFrontMatter<Schema extends z.core.$ZodType>(
  schema: Schema,
  { name, text }: SourceText,
): FrontMatter<z.output<Schema>> | undefined {
  const lines = text.split('\n');
  if (lines[0]?.trimEnd() !== '---') return undefined;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end < 0) return undefined;
  const yaml = lines.slice(1, end);
  const value = parse(yaml.map(quotedAuthor).join('\n'), name) ?? {};
  const lineOf = ([key]: readonly PropertyKey[]): number => {
    const at = yaml.findIndex((line) => line.startsWith(`${String(key)}:`));
    return at < 0 ? 1 : at + 2;
  };
  return {
    value: checked(schema, value, name, lineOf),
    body: lines.slice(end + 1).join('\n'),
    bodyLine: end + 2,
  };
}

function parse(yaml: string, name: string): unknown {
  try {
    return load(yaml, { schema: FAILSAFE_SCHEMA });
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    throw planFailure(name, (cause.mark?.line ?? 0) + 2, `not readable as YAML: ${cause.reason}`, cause);
  }
}

/** `assignee: @ann`, as people write it, is not YAML: nothing may begin with an at sign there. */
function quotedAuthor(line: string): string {
  const [, key, value] = /^(assignee|reporter):\s*(@.*)$/.exec(line.trimEnd()) ?? [];
  if (value !== undefined) return `${key}: ${JSON.stringify(value)}`;
  const [, listKey, list] = /^(assignee|reporter):\s*\[([^\]]*)\]$/.exec(line.trimEnd()) ?? [];
  if (list === undefined)
    return line.replace(/^(\s*-\s+)(@\S*)\s*$/, (_, dash: string, at: string) => `${dash}"${at}"`);
  const items = list.split(',').map((item) => item.trim());
  return `${listKey}: [${items.map((item) => (item.startsWith('@') ? JSON.stringify(item) : item)).join(', ')}]`;
}
