import type { Edited, Problem } from '../../domain/setup/section.ts';
import type { WantedObject } from '../../domain/setup/wanted.ts';
import { readJson } from './json-file.ts';
import { freshJson, hasAll, insertsFor } from './json-insertion.ts';
import { cutsIn } from './json-removal.ts';

/**
 * The text with what is wanted in it. Everything else stays, byte for byte, comments included, and
 * {@link withoutEntries} gives back the text from before.
 *
 * jsonc-parser says where the values are. Its own editor is not used: what it does to whitespace cannot be undone.
 * @param text undefined: there is no such file
 */
export function withEntries(text: string | undefined, wanted: WantedObject): Edited | Problem {
  if (text === undefined) return { kind: 'text', text: freshJson(wanted) };
  const file = readJson(text);
  if (file.kind === 'problem') return file;
  if (file.root.type === 'object' && hasAll(file.root, wanted)) return { kind: 'text', text };
  const without = withoutEntries(text, wanted);
  if (without.kind === 'problem') return without;
  if (without.text === undefined) return { kind: 'text', text: freshJson(wanted) };
  const base = readJson(without.text);
  if (base.kind === 'problem') return base;
  const inserts = insertsFor(base, wanted);
  if ('kind' in inserts) return inserts;
  const edited = inserts
    .toSorted((a, b) => b.at - a.at)
    .reduce((before, { at, text: added }) => `${before.slice(0, at)}${added}${before.slice(at)}`, without.text);
  return { kind: 'text', text: edited };
}

/** The text without what is ours; the same text if nothing is. */
export function withoutEntries(text: string, wanted: WantedObject): Edited | Problem {
  const file = readJson(text);
  if (file.kind === 'problem') return file;
  if (file.root.type !== 'object') return { kind: 'text', text };
  const left = cutsIn(text, file.root, wanted);
  if (left.kind === 'gone') {
    const { offset, length } = file.root;
    const outside = { before: text.slice(0, offset), after: text.slice(offset + length) };
    const isAlone = outside.before === '' && outside.after.trim() === '';
    return { kind: 'text', text: isAlone ? undefined : `${outside.before}{}${outside.after}` };
  }
  const edited = left.cuts
    .toSorted((a, b) => b.from - a.from)
    .reduce((before, { from, to }) => before.slice(0, from) + before.slice(to), text);
  return { kind: 'text', text: edited };
}
