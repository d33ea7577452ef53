import { branchProblem } from '../base/names.ts';

/**
 * How far a reader has come in the events of a queue. Usually this is a commit: everything that it reaches has been
 * told. In the middle of a segment (a commit with several events, or a merge and what it brought in) it also says how
 * many events on the way to the segment's end have been told.
 */
export interface Cursor {
  /** undefined: nothing has been told. */
  readonly done: string | undefined;
  readonly within?: { readonly end: string; readonly told: number };
  /** How far it has come on other branches of the queue; absent: on none. */
  readonly branches?: ReadonlyMap<string, Cursor>;
}

const OID = '[0-9a-f]{40}(?:[0-9a-f]{24})?';
const CURSOR = new RegExp(`^(${OID}|0)(?:\\.(${OID})\\.([1-9]\\d{0,8}))?$`);

/**
 * The cursor as it is printed: `<commit>`, or `<commit>.<commit>.<count>`, then `,<branch>=<the same>` for each other
 * branch. Callers must not interpret it.
 */
export function formatCursor({ done, within, branches }: Cursor): string {
  const own = within === undefined ? (done ?? '0') : `${done ?? '0'}.${within.end}.${within.told}`;
  const others = [...(branches ?? [])].map(([branch, one]) => `,${encodeURIComponent(branch)}=${formatCursor(one)}`);
  return own + others.join('');
}

/** The cursor in a text; undefined if it is not one. */
export function parseCursor(text: string): Cursor | undefined {
  const [own = '', ...others] = text.split(',');
  const main = parseOne(own);
  if (main === undefined || others.length === 0) return main;
  const branches = new Map<string, Cursor>();
  for (const other of others) {
    const [name = '', position = '', ...more] = other.split('=');
    const [branch, cursor] = [decoded(name), parseOne(position)];
    if (branch === undefined || cursor === undefined || more.length > 0) return undefined;
    branches.set(branch, cursor);
  }
  return { ...main, branches };
}

function parseOne(text: string): Cursor | undefined {
  const [, done, end, told] = CURSOR.exec(text) ?? [];
  if (done === undefined) return undefined;
  const from = done === '0' ? undefined : done;
  return end === undefined ? { done: from } : { done: from, within: { end, told: Number(told) } };
}

function decoded(name: string): string | undefined {
  try {
    const branch = decodeURIComponent(name);
    return branchProblem(branch) === undefined ? branch : undefined;
  } catch {
    return undefined;
  }
}
