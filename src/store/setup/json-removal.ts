import { getNodeValue, type Node } from 'jsonc-parser';
import type { Wanted } from '../../domain/setup/wanted.ts';
import { type Token, tokensIn } from './json-file.ts';

/** A piece of the text that goes. */
export interface Cut {
  readonly from: number;
  readonly to: number;
}

/** What is left of a container. */
type Left =
  | { readonly kind: 'gone' }
  /** With these cuts; none if nothing in it is ours. */
  | { readonly kind: 'stays'; readonly cuts: readonly Cut[] };

/** A member of a container, with what is between it and the next one. */
interface Member {
  readonly from: number;
  readonly to: number;
  /** After the member. */
  readonly tokens: readonly Token[];
  readonly left: Left;
}

/**
 * What to cut out of a container so that nothing of ours is in it. It is the inverse of what `insertion.ts` does.
 *
 * @returns `gone` if the container is ours, too: an empty one that was there before has an empty line before our members
 */
export function cutsIn(text: string, node: Node, wanted: Wanted): Left {
  const members = membersOf(text, node, wanted);
  const [first, last] = [members[0], members.at(-1)];
  if (first === undefined || last === undefined) return { kind: 'stays', cuts: [] };
  if (members.some(({ left }) => left.kind === 'stays')) return { kind: 'stays', cuts: cutsBetween(text, members) };
  const [open, close] = [node.offset + 1, node.offset + node.length - 1];
  const isBare = members.every(({ tokens }) => tokens.every(({ kind }) => kind === 'comma'));
  const eol = /^(\r?\n)[ \t]*$/.exec(text.slice(last.to, close))?.[1];
  let lead = first.from;
  while (lead > open && /[ \t]/.test(text[lead - 1] ?? '')) lead--;
  if (isBare && eol !== undefined && text.slice(open, lead).endsWith(eol + eol)) {
    return { kind: 'stays', cuts: [{ from: lead - 2 * eol.length, to: close }] };
  }
  const hasRemarks = !isBare || tokensIn(text, open, first.from).length > 0;
  return hasRemarks ? { kind: 'stays', cuts: cutsBetween(text, members) } : { kind: 'gone' };
}

function membersOf(text: string, node: Node, wanted: Wanted): Member[] {
  const children = node.children ?? [];
  return children.map((child, index) => {
    const to = child.offset + child.length;
    const next = children[index + 1]?.offset ?? node.offset + node.length - 1;
    return { from: child.offset, to, tokens: tokensIn(text, to, next), left: leftOf(text, child, wanted) };
  });
}

function leftOf(text: string, child: Node, wanted: Wanted): Left {
  const foreign: Left = { kind: 'stays', cuts: [] };
  if (wanted.kind === 'items') return wanted.isOurs(getNodeValue(child)) ? { kind: 'gone' } : foreign;
  const [key, content] = child.children ?? [];
  if (wanted.kind !== 'object' || content === undefined || !Object.hasOwn(wanted.members, key?.value)) return foreign;
  const part = wanted.members[key?.value];
  switch (part?.kind) {
    case 'value':
      return part.isOurs(getNodeValue(content)) ? { kind: 'gone' } : foreign;
    case 'items':
      return content.type === 'array' ? cutsIn(text, content, part) : foreign;
    case 'object':
      return content.type === 'object' ? cutsIn(text, content, part) : foreign;
    case undefined:
      return foreign;
  }
}

/** Cuts the members that go, each with its comma, and what is cut in the others. Comments stay. */
function cutsBetween(text: string, members: readonly Member[]): Cut[] {
  const cuts = members.flatMap((member) => {
    if (member.left.kind === 'stays') return member.left.cuts;
    const comma = commaAfter(member);
    return [{ from: leadOf(text, member.from), to: member.to }, ...(comma === undefined ? [] : [comma])];
  });
  const last = members.at(-1);
  if (last?.left.kind !== 'gone' || commaAfter(last) !== undefined) return cuts;
  // The comma that was written for the first of them.
  const stays = members.findLast(({ left }) => left.kind === 'stays');
  const comma = stays && commaAfter(stays);
  return comma === undefined ? cuts : [...cuts, comma];
}

function commaAfter({ tokens }: Member): Token | undefined {
  return tokens.find(({ kind }) => kind === 'comma');
}

/** Where the line break and the indentation before a member begin, or the blank of a member in a line. */
function leadOf(text: string, from: number): number {
  const lead = /(?:\r?\n[ \t]*| )$/.exec(text.slice(0, from));
  return lead === null ? from : lead.index;
}
