/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What we want in a JSON file, besides what others have in it. */
export type Wanted =
  | WantedObject
  /** Members of a list. */
  | { readonly kind: 'items'; readonly items: readonly Json[]; isOurs(value: Json): boolean }
  /** The value of a key. One that is there, and is not ours, is left. */
  | { readonly kind: 'value'; readonly value: Json; isOurs(value: Json): boolean };

export interface WantedObject {
  readonly kind: 'object';
  readonly members: Readonly<Record<string, Wanted>>;
}

/** Items that are ours by their words; earlier versions may have written others. */
export function items(items: readonly Json[], isEarlier: (value: Json) => boolean = () => false): Wanted {
  return { kind: 'items', items, isOurs: (value) => items.some((item) => isSame(item, value)) || isEarlier(value) };
}

/** A value that is ours as long as nobody has changed it. */
export function value(value: Json): Wanted {
  return { kind: 'value', value, isOurs: (other) => isSame(value, other) };
}

/** Keys next to those of others. */
export function object(members: Readonly<Record<string, Wanted>>): WantedObject {
  return { kind: 'object', members };
}

/** Whether both mean the same; the order of keys does not count. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const others = new Map<string, Json>(Object.entries(b));
  const own = Object.entries<Json>({ ...a });
  return own.length === others.size && own.every(([key, one]) => isSame(one, others.get(key)));
}
