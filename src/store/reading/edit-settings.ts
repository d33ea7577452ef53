import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../../domain/base/failure.ts';
import { SETTINGS_FILE } from '../../domain/base/settings-file.ts';
import { parseSettings, type Settings } from './settings.ts';

/** What a section's lines begin with, in a file that has none to go by. */
const INDENT = '  ';

/**
 * The settings file with another branch for one project. It changes what it must and not one other byte: comments,
 * order, line endings and the form of `branches` (lines below it, or one line with braces) stay. A branch that is set
 * and removed again leaves the file as it was.
 *
 * @param text of the file; empty: there is none yet
 * @param branch undefined: the project has no branch of its own
 * @param file its name in messages
 * @throws Failure `config-invalid` if the file cannot be read, or is written so that only a person can change it
 */
export function editBranches(text: string, project: string, branch: string | undefined, file: string): string {
  const before = parseSettings(text, file);
  const wanted = withBranch(before, project, branch);
  if (isDeepStrictEqual(before.branches?.get(project), branch)) return text;
  const edited = new SettingsText(text).edit(project, branch);
  if (edited !== undefined && isDeepStrictEqual(readAgain(edited, file), wanted)) return edited;
  const change = branch === undefined ? `remove \`${project}\`` : `add \`${project}: ${branch}\``;
  throw new Failure('config-invalid', `${file}: agentq cannot change \`branches\` as it is written here`, {
    hint: `write \`branches:\` with one line for each project below it; then, by hand: ${change}`,
    details: { file },
  });
}

function withBranch(settings: Settings, project: string, branch: string | undefined): Settings {
  const branches = new Map(settings.branches);
  if (branch === undefined) branches.delete(project);
  else branches.set(project, branch);
  return normal({ ...settings, branches });
}

function readAgain(text: string, file: string): Settings | undefined {
  try {
    return normal(parseSettings(text, file));
  } catch {
    return undefined;
  }
}

/** No branches are the same as an empty list of them; and order says nothing. */
function normal({ branches = new Map(), ...rest }: Settings): Settings {
  return { ...rest, branches: new Map([...branches].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The lines of a settings file, each with its line ending. */
class SettingsText {
  readonly #lines: string[];

  constructor(text: string) {
    this.#lines = text.split(/(?<=\n)/);
    if (this.#lines.at(-1) === '') this.#lines.pop();
  }

  /** @returns undefined if there is no place for the change */
  edit(project: string, branch: string | undefined): string | undefined {
    const section = this.#lines.findIndex((line) => /^\uFEFF?agentq:\s*$/.test(line));
    if (section < 0) {
      // Comments alone are no reason to refuse.
      if (branch === undefined || this.#lines.some(isEntry)) return undefined;
      this.#insert(this.#lines.length, ['agentq:', `${INDENT}branches:`, entry(`${INDENT}${INDENT}`, project, branch)]);
      return this.#text();
    }
    const end = this.#endOf(section, 0);
    const indent = this.#indentIn(section, end);
    const at = this.#find(section + 1, end, (line) => line.startsWith(`${indent}branches:`));
    if (at !== undefined) return this.#editList(at, indent, project, branch) ? this.#text() : undefined;
    if (branch === undefined) return undefined;
    const template = this.#find(section + 1, this.#limitOf(section, 0), (line) => /^\s*# branches:/.test(line));
    const place = template === undefined ? this.#lastEntry(section, end) + 1 : template + 1;
    this.#insert(place, [`${indent}branches:`, entry(`${indent}${INDENT}`, project, branch)]);
    return this.#text();
  }

  /** @returns whether the list is in a form that can be changed */
  #editList(at: number, indent: string, project: string, branch: string | undefined): boolean {
    const line = this.#lines[at] ?? '';
    const inline = /^(\s*branches:\s*"?\{)([^{}"]*)(\}"?\s*)$/.exec(line);
    if (inline !== null) {
      const [, head = '', inner = '', tail = ''] = inline;
      this.#lines[at] = `${head}${editInline(inner, project, branch)}${tail}`;
      return true;
    }
    if (line.slice(indent.length).trim() !== 'branches:') return false;
    const end = this.#endOf(at, indent.length);
    const entries = this.#lines.flatMap((text, index) => (index > at && index < end && isEntry(text) ? [index] : []));
    const own = entries.find((index) => keyOf(this.#lines[index] ?? '') === project);
    if (own !== undefined && branch !== undefined) {
      this.#lines[own] = withValue(this.#lines[own] ?? '', scalar(branch));
    } else if (own !== undefined) {
      const isOnly = entries.length === 1 && own === at + 1;
      this.#remove(isOnly ? at : own, isOnly ? 2 : 1);
    } else if (branch !== undefined) {
      const last = entries.at(-1) ?? at;
      const own = entries.length === 0 ? `${indent}${INDENT}` : indentOf(this.#lines[last] ?? '');
      this.#insert(last + 1, [entry(own, project, branch)]);
    }
    return true;
  }

  /** The line after the last one that belongs to the line at `from`, which has this many blanks before it. */
  #endOf(from: number, depth: number): number {
    return this.#lastEntry(from, this.#limitOf(from, depth)) + 1;
  }

  /** The first line that certainly does not: comments may belong to either. */
  #limitOf(from: number, depth: number): number {
    const isBeyond = (line: string): boolean => isEntry(line) && indentOf(line).length <= depth;
    return this.#find(from + 1, this.#lines.length, isBeyond) ?? this.#lines.length;
  }

  /** The last line before `end` that is not a comment and not blank; at least `from`. */
  #lastEntry(from: number, end: number): number {
    for (let index = end - 1; index > from; index--) if (isEntry(this.#lines[index] ?? '')) return index;
    return from;
  }

  #indentIn(section: number, end: number): string {
    const first = this.#find(section + 1, end, isEntry);
    return first === undefined ? INDENT : indentOf(this.#lines[first] ?? '');
  }

  #find(from: number, end: number, test: (line: string) => boolean): number | undefined {
    const index = this.#lines.findIndex((line, at) => at >= from && at < end && test(line));
    return index < 0 ? undefined : index;
  }

  #insert(at: number, lines: readonly string[]): void {
    const newline = this.#lines.some((line) => line.endsWith('\r\n')) ? '\r\n' : '\n';
    const before = this.#lines[at - 1];
    // The last line of the file may have no ending.
    const isOpen = before !== undefined && !before.endsWith('\n');
    if (isOpen) this.#lines[at - 1] = `${before}${newline}`;
    const added = lines.map((line) => `${line}${newline}`);
    if (isOpen) added.push((added.pop() ?? '').slice(0, -newline.length));
    this.#lines.splice(at, 0, ...added);
  }

  #remove(at: number, count: number): void {
    const removed = this.#lines.splice(at, count);
    // The file ends as it did.
    const isEnd = at === this.#lines.length && removed.at(-1)?.endsWith('\n') === false;
    const last = this.#lines.at(-1);
    if (isEnd && last !== undefined) this.#lines[at - 1] = last.replace(/\r?\n$/, '');
  }

  #text(): string {
    return this.#lines.join('');
  }
}

function editInline(inner: string, project: string, branch: string | undefined): string {
  const parts = inner.split(',');
  const own = parts.findIndex((part) => keyOf(part) === project);
  if (branch === undefined) {
    const rest = parts.filter((_, index) => index !== own).map((part) => part.trim());
    // The blanks inside the braces stay.
    if (rest.length > 0) return `${indentOf(inner)}${rest.join(', ')}${inner.slice(inner.trimEnd().length)}`;
    return '';
  }
  if (own >= 0) return parts.with(own, withValue(parts[own] ?? '', branch)).join(',');
  if (inner.trim() === '') return ` ${project}: ${branch} `;
  return `${inner.trimEnd()}, ${project}: ${branch}${inner.slice(inner.trimEnd().length)}`;
}

function entry(indent: string, project: string, branch: string): string {
  return `${indent}${project}: ${scalar(branch)}`;
}

/** As TOON needs it: without quotes if it can only be text. */
function scalar(value: string): string {
  return /^(?!(?:true|false|null)$)[A-Za-z][\w./-]*$/.test(value) ? value : JSON.stringify(value);
}

/** `key: value`, with what is around the value; undefined: it is something else. */
function parse(line: string): { key: string; head: string; tail: string } | undefined {
  const start = line.length - line.trimStart().length;
  const isQuoted = line[start] === '"';
  const colon = line.indexOf(':', isQuoted ? line.indexOf('"', start + 1) : start);
  if (colon < 0) return undefined;
  const key = line.slice(start, colon).trim();
  const rest = line.slice(colon + 1);
  const gap = rest.length - rest.trimStart().length;
  return {
    key: isQuoted ? key.slice(1, -1) : key,
    head: line.slice(0, colon + 1 + gap),
    tail: rest.slice(gap + rest.trim().length),
  };
}

function keyOf(line: string): string | undefined {
  return parse(line)?.key;
}

function withValue(line: string, value: string): string {
  const parsed = parse(line);
  return parsed === undefined ? line : `${parsed.head}${value}${parsed.tail}`;
}

function isEntry(line: string): boolean {
  return !/^\uFEFF?\s*(?:#|$)/.test(line);
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** The name of the settings file of a branch in messages. */
export function settingsFileOf(branch: string): string {
  return `${branch}:${SETTINGS_FILE}`;
}
