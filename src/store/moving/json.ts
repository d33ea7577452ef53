import type * as z from 'zod/mini';
import { type JsonNode, JsonSyntaxError, parseJsonTree } from '../input/json-tree.ts';
import { planFailure } from '../input/raw-plan.ts';
import { checked, type SourceText } from './checked.ts';

/** A JSON document that has the form of a schema, and where its parts are. */
export interface JsonDocument<T> {
  readonly value: T;
  /** `file:line` of what the path leads to. */
  placeOf(...path: readonly (string | number)[]): string;
}

/**
 * Reads a JSON document.
 * @throws Failure `task-invalid` that names file, line and field
 */
export function readJson<Schema extends z.core.$ZodType>(
  schema: Schema,
  { name, text }: SourceText,
): JsonDocument<z.output<Schema>> {
  const root = parse(text, name, 0);
  const value = checked(schema, root.value, name, (path) => nodeAt(root, path).line);
  return { value, placeOf: (...path) => `${name}:${nodeAt(root, path).line}` };
}

/**
 * Reads a JSON document of any form.
 * @throws Failure `task-invalid` that names file and line
 */
export function parseJson({ name, text }: SourceText): JsonNode {
  return parse(text, name, 0);
}

/**
 * Reads JSON lines; blank ones are skipped, and those that are not meant.
 * @throws Failure `task-invalid` that names file, line and field
 */
export function readJsonLines<Schema extends z.core.$ZodType>(
  schema: Schema,
  { name, text }: SourceText,
  isMeant: (value: unknown) => boolean = () => true,
): readonly { readonly value: z.output<Schema>; readonly place: string }[] {
  return text.split('\n').flatMap((line, before) => {
    if (line.trim() === '') return [];
    const node = parse(line, name, before);
    if (!isMeant(node.value)) return [];
    return [{ value: checked(schema, node.value, name, () => before + 1), place: `${name}:${before + 1}` }];
  });
}

function parse(text: string, name: string, linesBefore: number): JsonNode {
  try {
    return parseJsonTree(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw planFailure(name, linesBefore + error.line, `not readable as JSON: ${error.message}`, error);
  }
}

/** The node that the path leads to, or the last one on the way that is there. */
function nodeAt(root: JsonNode, path: readonly PropertyKey[]): JsonNode {
  let node = root;
  for (const step of path) {
    const next = node.children.get(String(step));
    if (next === undefined) break;
    node = next;
  }
  return node;
}
