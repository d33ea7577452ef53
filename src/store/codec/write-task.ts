import { encode } from '@toon-format/toon';

/**
 * The document as canonical TOON: two spaces per level, one final newline, sections in the order of the keys.
 *
 * Each section is encoded by itself: the library would fold a document whose sections all have the same keys into one
 * table, and nobody who greps for `task:` would find it.
 */
export function encodeTask(value: Readonly<Record<string, unknown>>): string {
  const sections = Object.entries(value).filter((entry) => entry[1] !== undefined);
  return `${sections.map(([key, section]) => encode({ [key]: withoutUndefined(section) })).join('\n')}\n`;
}

/** The library writes `null` for undefined values: a status that says "null" is not the same as no status. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(given.map(([key, inner]) => [key, withoutUndefined(inner)]));
}
