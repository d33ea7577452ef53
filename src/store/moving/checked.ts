import * as z from 'zod/mini';
import { quote } from '../../domain/base/names.ts';
import { planFailure } from '../input/raw-plan.ts';

/** A text of the input, with its name for messages. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/**
 * The value in the form of the schema.
 * @param lineOf the line of what a path leads to, as far as it is known
 * @throws Failure `task-invalid` that names file, line and field
 */
export function checked<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  name: string,
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): z.output<Schema> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const what = path.length === 0 ? 'the document' : path.map(String).join('.');
  throw planFailure(name, lineOf(path), `${what} must be ${expectedBy(issue)}, not ${describe(at(value, path))}`);
}

function expectedBy(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_type') return WORDS[issue.expected] ?? issue.expected;
  return 'of another form';
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  boolean: 'true or false',
};

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let inner = value;
  for (const step of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, step)) return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[step];
  }
  return inner;
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : quote(String(value));
}
