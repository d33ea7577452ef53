import { getNodeValue, type Node } from 'jsonc-parser';
import { eolOf, type Problem } from '../../domain/setup/section.ts';
import { isSame, type Json, type Wanted, type WantedObject } from '../../domain/setup/wanted.ts';
import { type JsonFile, problemAt, tokensIn } from './json-file.ts';

/** A text that is inserted at an offset. */
export interface Insert {
  readonly at: number;
  readonly text: string;
}

/** A member of an object, with its key, or of a list. */
interface NewMember {
  readonly key?: string;
  readonly value: Json;
}

/** How the file is written. */
interface Style {
  readonly eol: string;
  /** Of one level. */
  readonly indent: string;
}

/** What to insert so that the file has all that is wanted; values that are not ours are left. */
export function insertsFor(file: JsonFile, wanted: WantedObject): readonly Insert[] | Problem {
  return insertsIn(file, file.root, 'it', wanted, styleOf(file));
}

/** A new file with all that is wanted. */
export function freshJson(wanted: WantedObject): string {
  return `${JSON.stringify(plain(wanted), undefined, 2)}\n`;
}

function insertsIn(
  file: JsonFile,
  node: Node,
  name: string,
  wanted: Wanted,
  style: Style,
): readonly Insert[] | Problem {
  if (wanted.kind === 'value') return [];
  if (wanted.kind === 'items') {
    if (node.type !== 'array') return problemAt(file.text, node.offset, `\`${name}\` is not a list`);
    return append(
      file.text,
      node,
      wanted.items.map((value) => ({ value })),
      style,
    );
  }
  if (node.type !== 'object') return problemAt(file.text, node.offset, `${inWords(name)} is not an object`);
  const missing: NewMember[] = [];
  const inserts: Insert[] = [];
  for (const [key, part] of Object.entries(wanted.members)) {
    const [there, twice] = (node.children ?? []).filter(({ children }) => children?.[0]?.value === key);
    if (twice !== undefined) return problemAt(file.text, twice.offset, `has \`${key}\` twice`);
    const content = there?.children?.[1];
    if (content === undefined) {
      missing.push({ key, value: plain(part) });
      continue;
    }
    const inner = insertsIn(file, content, key, part, style);
    if ('kind' in inner) return inner;
    inserts.push(...inner);
  }
  return [...inserts, ...append(file.text, node, missing, style)];
}

/** Appends members to a container. */
function append(text: string, node: Node, members: readonly NewMember[], style: Style): Insert[] {
  if (members.length === 0) return [];
  const [open, close] = [node.offset + 1, node.offset + node.length - 1];
  const outer = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', node.offset) + 1))?.[0] ?? '';
  const last = node.children?.at(-1);
  const written = (indent: string) =>
    members.map((member) => `${style.eol}${indent}${printed(member, indent, style)}`).join(',');
  if (last === undefined) {
    // The empty line says that the container was there before, and empty.
    return [{ at: close, text: `${style.eol}${written(outer + style.indent)}${style.eol}${outer}` }];
  }
  const end = last.offset + last.length;
  const comma = tokensIn(text, end, close).find(({ kind }) => kind === 'comma');
  const after = comma?.to ?? end;
  const isInline = !text.slice(open, close).includes('\n');
  const at = isInline ? after : endOfRemarks(text, after, close);
  const added = isInline
    ? members.map((member) => ` ${printed(member)}`).join(',')
    : written(indentOf(text, last, outer + style.indent));
  if (comma !== undefined) return [{ at, text: `${added},` }];
  return at === end
    ? [{ at, text: `,${added}` }]
    : [
        { at: end, text: ',' },
        { at, text: added },
      ];
}

/** The end of the comments that stand behind a value in its line. */
function endOfRemarks(text: string, from: number, to: number): number {
  let at = from;
  for (const token of tokensIn(text, from, to)) {
    if (
      token.kind !== 'comment' ||
      /\S|\n/.test(text.slice(at, token.from)) ||
      text.slice(token.from, token.to).includes('\n')
    )
      break;
    at = token.to;
  }
  return at;
}

/** The indentation of a member that begins its line, else the usual one. */
function indentOf(text: string, { offset }: Node, usual: string): string {
  return /(?:^|\n)([ \t]*)$/.exec(text.slice(0, offset))?.[1] ?? usual;
}

function styleOf({ text, root }: JsonFile): Style {
  const first = root.children?.[0];
  const indent = first && indentOf(text, first, '');
  return { eol: eolOf(text), indent: indent || '  ' };
}

/** In one line, or at an indentation. */
function printed({ key, value }: NewMember, indent?: string, style?: Style): string {
  const json = JSON.stringify(value, undefined, indent === undefined ? undefined : style?.indent);
  const lines = indent === undefined ? json : json.replaceAll('\n', `${style?.eol}${indent}`);
  return key === undefined ? lines : `${JSON.stringify(key)}: ${lines}`;
}

function plain(wanted: Wanted): Json {
  if (wanted.kind === 'items') return wanted.items;
  if (wanted.kind === 'value') return wanted.value;
  return Object.fromEntries(Object.entries(wanted.members).map(([key, part]) => [key, plain(part)]));
}

function inWords(name: string): string {
  return name === 'it' ? name : `\`${name}\``;
}

/** Whether the file has all that is wanted, and nothing else of ours; values of others count as wanted. */
export function hasAll(node: Node, wanted: Wanted): boolean {
  const value: Json = getNodeValue(node);
  switch (wanted.kind) {
    case 'value':
      return !wanted.isOurs(value) || isSame(value, wanted.value);
    case 'items': {
      const ours = Array.isArray(value) ? value.filter((one: Json) => wanted.isOurs(one)) : [];
      const isThere = (item: Json) => ours.some((one) => isSame(one, item));
      return ours.length === wanted.items.length && wanted.items.every(isThere);
    }
    case 'object':
      return Object.entries(wanted.members).every(([key, part]) => {
        const [there, twice] = (node.children ?? []).filter(({ children }) => children?.[0]?.value === key);
        const content = there?.children?.[1];
        return twice === undefined && content !== undefined && hasAll(content, part);
      });
  }
}
