import type * as z from 'zod/mini';
import { quote } from '../../../../domain/base/names.ts';
import { closest } from '../../../../domain/base/suggest.ts';
import type { CommandDeclaration } from '../../../command/declaration.ts';
import { usage } from '../../../command/usage.ts';

/** What a tool needs to know about the session that calls it. */
export interface Caller {
  readonly agent: string;
  /** The only project that the session is for; undefined: any. */
  readonly project: string | undefined;
  /** What its agent can do. */
  readonly can: readonly string[];
  /**
   * The full name of the task that is meant: of the one that the session holds, if none is named.
   * @throws Failure `usage` if none is named and it is not clear which
   */
  task(named: string | undefined): string;
  /** The id of the claim with which the session holds this task; undefined: it does not hold it. */
  claimOn(task: string): string | undefined;
}

/** A command line as a tool call says it. No text is parsed, so nothing in a value can become an option. */
export interface CommandCall {
  readonly declaration: CommandDeclaration;
  readonly args: Readonly<Record<string, string>>;
  /** The values of the argument that takes all the rest; absent: none. */
  readonly rest?: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | readonly string[]>>;
  /** What the command finds on its stdin; absent: nothing. */
  readonly input?: string;
}

/** What the model is told about a tool. */
export interface ToolWords {
  readonly name: string;
  readonly title: string;
  /** What it does, and what else is good to know. */
  readonly description: string;
  /** `ends-claim`: it takes away what the session holds. */
  readonly effect: 'reads' | 'adds' | 'claims' | 'ends-claim';
  /** Whether repeating the same call would change anything more. */
  readonly again: 'same' | 'more';
}

/** One tool. */
export interface Tool extends ToolWords {
  readonly input: z.ZodMiniObject;
  readonly output: z.ZodMiniObject;
  /**
   * The command that carries the call out.
   * @param values as they came, of any form
   * @throws Failure `usage` if they do not have the form of `input`
   */
  toCall(values: unknown, caller: Caller): CommandCall;
}

/** A tool whose values are checked before they are used. */
export function defineTool<Input extends z.ZodMiniObject>(
  words: ToolWords & {
    readonly input: Input;
    readonly output: z.ZodMiniObject;
    toCall(values: z.infer<Input>, caller: Caller): CommandCall;
  },
): Tool {
  return {
    ...words,
    toCall(values, caller) {
      const filled = withoutEmpty(values);
      const parsed = words.input.safeParse(filled);
      if (parsed.success) return words.toCall(parsed.data, caller);
      throw usage(
        problemIn(words, filled, parsed.error.issues[0]),
        `${words.name} takes ${keysOf(words.input).join(', ')}`,
      );
    },
  };
}

/** No tool takes anything that is nested more deeply than this; other input may be nested a million times. */
const DEEPEST = 5;

/** `null` and `""` are what models pass for "not given". */
function withoutEmpty(values: unknown, depth = 0): unknown {
  if (depth > DEEPEST || typeof values !== 'object' || values === null) return values;
  if (Array.isArray(values)) return values.map((value) => withoutEmpty(value, depth + 1));
  // The schemas drop this name silently.
  if (Object.hasOwn(values, '__proto__')) throw usage('no argument can be called __proto__');
  const filled = Object.entries(values).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(filled.map(([key, value]) => [key, withoutEmpty(value, depth + 1)]));
}

const FORMS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
};

/** What is wrong with the values, in the words of a command line. */
function problemIn({ name, input }: Pick<Tool, 'name' | 'input'>, values: unknown, issue?: z.core.$ZodIssue): string {
  const path = issue?.path ?? [];
  const where = path.length === 0 ? 'its input' : path.map(String).map(quote).join(' ');
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const meant = path.length === 0 ? closest(key, keysOf(input)) : undefined;
    return `${name}: ${quote(key)} is not known${meant === undefined ? '' : `, did you mean ${meant}?`}`;
  }
  if (path.length > 0 && valueAt(values, path) === undefined) return `${name}: ${where} is missing`;
  if (issue?.code === 'invalid_type') return `${name}: ${where} must be ${FORMS[issue.expected] ?? 'an object'}`;
  return `${name}: ${where} cannot be used: ${issue?.code === 'too_small' ? 'it is empty' : 'it has the wrong form'}`;
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    values,
  );
}

function keysOf(schema: z.ZodMiniObject): readonly string[] {
  return Object.keys(schema.shape);
}
