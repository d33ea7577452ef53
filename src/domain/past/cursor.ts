/**
 * How far a reader has come in the events of a queue. Usually this is a commit: everything that it reaches has been
 * told. In the middle of a segment (a commit with several events, or a merge and what it brought in) it also says how
 * many events on the way to the segment's end have been told.
 */
export interface Cursor {
  /** undefined: nothing has been told. */
  readonly done: string | undefined;
  readonly within?: { readonly end: string; readonly told: number };
}

const OID = '[0-9a-f]{40}(?:[0-9a-f]{24})?';
const CURSOR = new RegExp(`^(${OID}|0)(?:\\.(${OID})\\.([1-9]\\d{0,8}))?$`);

/** The cursor as it is printed: `<commit>`, or `<commit>.<commit>.<count>`. Callers must not interpret it. */
export function formatCursor({ done, within }: Cursor): string {
  return within === undefined ? (done ?? '0') : `${done ?? '0'}.${within.end}.${within.told}`;
}

/** The cursor in a text; undefined if it is not one. */
export function parseCursor(text: string): Cursor | undefined {
  const [, done, end, told] = CURSOR.exec(text) ?? [];
  if (done === undefined) return undefined;
  const from = done === '0' ? undefined : done;
  return end === undefined ? { done: from } : { done: from, within: { end, told: Number(told) } };
}
