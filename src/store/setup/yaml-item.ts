import { type CST, Parser } from 'yaml';
import { type Edited, eolOf, HASH, type Problem, withoutSection, withSection } from '../../domain/setup/section.ts';

/** An item that we want in a list at the top of a YAML file. */
export interface ItemWanted {
  readonly key: string;
  /** A plain text that needs no quotes. */
  readonly item: string;
}

/** Says of an item in a list of others that it is ours. */
const REMARK = '# agentq';

/** Where the list is. */
type Found =
  | { readonly kind: 'absent' }
  /** The one value of the key, or the list's. */
  | {
      readonly kind: 'list';
      readonly items: readonly Item[];
      readonly style: 'block' | 'flow' | 'scalar';
      readonly open: number;
    };

interface Item {
  readonly from: number;
  readonly to: number;
  readonly source: string;
  /** The end of the item's line, or of its remark. */
  readonly end: number;
  readonly remark: string | undefined;
}

/**
 * The text with the item in the list: in a section of ours if there is no such key, else at the end of the list.
 * @param text undefined: there is no such file
 */
export function withItem(text: string | undefined, wanted: ItemWanted): Edited | Problem {
  const body = `${wanted.key}:\n  - ${wanted.item}\n`;
  if (text === undefined) return withSection(text, body, HASH);
  const without = withoutSection(text, HASH);
  if (without.kind === 'problem') return without;
  const base = without.text ?? '';
  const found = find(base, wanted.key);
  if (found.kind === 'problem') return found;
  if (found.kind === 'absent') return withSection(text, body, HASH);
  const { items, style, open } = found;
  if (items.some(({ source }) => plain(source) === wanted.item)) return without;
  if (style === 'scalar') return problemAt(base, open, `has \`${wanted.key}\`, but not as a list`);
  const last = items.at(-1);
  if (style === 'flow') {
    const at = last?.to ?? open + 1;
    return inserted(base, at, `${last ? ', ' : ''}"${wanted.item}"`);
  }
  const lineStart = base.lastIndexOf('\n', (last?.from ?? 0) - 1) + 1;
  const indent = /^ */.exec(base.slice(lineStart))?.[0] ?? '';
  return inserted(base, last?.end ?? 0, `${eolOf(base)}${indent}- ${wanted.item} ${REMARK}`);
}

/** The text without our item; the same text if it has none. */
export function withoutItem(text: string, wanted: ItemWanted): Edited | Problem {
  const without = withoutSection(text, HASH);
  if (without.kind === 'problem' || without.text === undefined) return without;
  const base = without.text;
  const found = find(base, wanted.key);
  if (found.kind !== 'list') return without;
  for (const { from, to, end, source, remark } of found.items) {
    if (found.style === 'block' && remark === REMARK && plain(source) === wanted.item) {
      const lead = /\r?\n *- *$/.exec(base.slice(0, from));
      if (lead !== null) return cut(base, lead.index, end);
    }
    if (found.style === 'flow' && source === `"${wanted.item}"`) {
      const lead = /, $|(?<=\[)$/.exec(base.slice(0, from));
      if (lead !== null) return cut(base, lead.index, to);
    }
  }
  return without;
}

function inserted(text: string, at: number, added: string): Edited {
  return { kind: 'text', text: `${text.slice(0, at)}${added}${text.slice(at)}` };
}

function cut(text: string, from: number, to: number): Edited {
  return { kind: 'text', text: text.slice(0, from) + text.slice(to) };
}

function find(text: string, key: string): Found | Problem {
  const documents: CST.Document[] = [];
  for (const token of new Parser().parse(text)) {
    if (token.type === 'error' || token.type === 'flow-error-end') return problemAt(text, token.offset, 'is not YAML');
    if (token.type === 'document') documents.push(token);
    if (token.type === 'doc-end') return problemAt(text, token.offset, 'ends its document with a line of its own');
  }
  const [document, second] = documents;
  if (second !== undefined) return problemAt(text, second.offset, 'has more than one document');
  const map = document?.value;
  if (map === undefined) return { kind: 'absent' };
  if (map.type !== 'block-map' || map.indent !== 0) return problemAt(text, map.offset, 'is not a list of settings');
  const named = map.items.filter((item) => item.key?.type === 'scalar' && item.key.source === key);
  if (named[1]?.key !== undefined) return problemAt(text, named[1].key?.offset ?? 0, `has \`${key}\` twice`);
  const [item] = named;
  if (item === undefined) return { kind: 'absent' };
  return listIn(text, item.value, item.key?.offset ?? 0);
}

function listIn(text: string, value: CST.Token | null | undefined, at: number): Found | Problem {
  if (value?.type === 'block-seq' || value?.type === 'flow-collection') {
    if (value.type === 'flow-collection' && value.start.source !== '[')
      return problemAt(text, value.offset, 'has an object where a list should be');
    if (value.type === 'flow-collection' && !value.end.some(({ type }) => type === 'flow-seq-end'))
      return problemAt(text, value.offset, 'has a list that does not end');
    const items = value.items.flatMap(({ value: one }) => (isScalar(one) ? [itemOf(text, one)] : []));
    const isPlain = value.items.every(({ value: one, key, start }) => !key && (isScalar(one) || isNothing(one, start)));
    if (!isPlain) return problemAt(text, value.offset, 'has a list of more than names');
    return { kind: 'list', items, style: value.type === 'block-seq' ? 'block' : 'flow', open: value.offset };
  }
  if (isScalar(value)) return { kind: 'list', items: [itemOf(text, value)], style: 'scalar', open: value.offset };
  return problemAt(text, at, 'has a key without a list');
}

/** What stands behind the last comma of a list in brackets. */
function isNothing(value: CST.Token | undefined, start: readonly CST.SourceToken[]): boolean {
  return value === undefined && start.every(({ type }) => ['comma', 'space', 'newline', 'comment'].includes(type));
}

function isScalar(token: CST.Token | null | undefined): token is CST.FlowScalar {
  const types = ['scalar', 'single-quoted-scalar', 'double-quoted-scalar'];
  return (
    token !== null &&
    token !== undefined &&
    types.includes(token.type) &&
    'source' in token &&
    !token.source.includes('\n')
  );
}

function itemOf(text: string, { offset, source, end }: CST.FlowScalar): Item {
  const to = offset + source.length;
  const remark = end?.find(({ type }) => type === 'comment');
  const stop = text.slice(to).search(/\r?\n/);
  const endOfLine = stop < 0 ? text.length : to + stop;
  return { from: offset, to, source, end: endOfLine, remark: remark?.source.trimEnd() };
}

function plain(source: string): string {
  return source.replace(/^(["'])(.*)\1$/, '$2');
}

function problemAt(text: string, offset: number, words: string): Problem {
  return { kind: 'problem', line: text.slice(0, offset).split('\n').length, words };
}
