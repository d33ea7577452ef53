import { parse, TomlError, type TomlTable } from 'smol-toml';
import { type Edited, HASH, type Problem, withoutSection, withSection } from '../../domain/setup/section.ts';

/** A table that we want in a TOML file, as `[group.name]`. */
export interface TableWanted {
  readonly group: string;
  readonly name: string;
  /** Its lines, with the header. */
  readonly body: string;
}

/**
 * The text with the table in a section at its end, where TOML lets a table begin whatever comes before. The parser
 * proves that all else means what it meant. A table of this name that somebody else wrote is left.
 * @param text undefined: there is no such file
 */
export function withTable(text: string | undefined, wanted: TableWanted): Edited | Problem {
  const without = text === undefined ? undefined : withoutTable(text, wanted);
  if (without?.kind === 'problem') return without;
  const before = tablesIn(without?.text ?? '');
  if (before.kind === 'problem') return before;
  if (ownIn(before.tables, wanted) !== undefined) return { kind: 'text', text };
  const edited = withSection(text, wanted.body, HASH);
  if (edited.kind === 'problem') return edited;
  const after = tablesIn(edited.text ?? '');
  if (after.kind === 'problem' || !meansTheSame(after.tables, before.tables, wanted)) {
    return {
      kind: 'problem',
      line: lineOf(text ?? '', wanted),
      words: `has \`${wanted.group}\` in a form that only a person can add to`,
    };
  }
  return edited;
}

/** The text without our table; the same text if it has none. */
export function withoutTable(text: string, wanted: TableWanted): Edited | Problem {
  const before = tablesIn(text);
  if (before.kind === 'problem') return before;
  const edited = withoutSection(text, HASH);
  if (edited.kind === 'problem') return edited;
  const after = tablesIn(edited.text ?? '');
  if (after.kind === 'problem') return after;
  if (meansTheSame(before.tables, after.tables, wanted)) return edited;
  return {
    kind: 'problem',
    line: lineOf(text, wanted),
    words: 'has the markers of agentq around text that agentq did not write',
  };
}

/** Whether they differ only in our table. */
function meansTheSame(one: TomlTable, other: TomlTable, wanted: TableWanted): boolean {
  return JSON.stringify(others(one, wanted)) === JSON.stringify(others(other, wanted));
}

function others(tables: TomlTable, { group, name }: TableWanted): unknown {
  return Object.entries(tables).flatMap(([key, value]) => {
    if (key !== group || !isTable(value)) return [[key, value]];
    const rest = Object.entries(value).filter(([inner]) => inner !== name);
    // A group that has only our table is there because of it.
    return rest.length === 0 ? [] : [[key, rest]];
  });
}

function ownIn(tables: TomlTable, { group, name }: TableWanted): unknown {
  const found = tables[group];
  return isTable(found) ? found[name] : undefined;
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function tablesIn(text: string): { readonly kind: 'tables'; readonly tables: TomlTable } | Problem {
  try {
    return { kind: 'tables', tables: parse(text.replace(/^(?:\uFEFF|\u00EF\u00BB\u00BF)/, '')) };
  } catch (error) {
    if (error instanceof TomlError) {
      const [, words = 'it cannot be read'] = /^Invalid TOML document: (.*)/.exec(error.message) ?? [];
      return { kind: 'problem', line: error.line, words: `is not TOML: ${words}` };
    }
    if (error instanceof RangeError) return { kind: 'problem', line: 1, words: 'is nested too deeply' };
    throw error;
  }
}

function lineOf(text: string, { group }: TableWanted): number {
  return text.split('\n').findIndex((line) => line.includes(group)) + 1 || 1;
}
