/** The text with every line break (CRLF, CR) as LF, as task files are written. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** The value with every line break as LF in every text, at any depth. Keys do not change. */
export function withLineFeedsInside(value: unknown): unknown {
  if (typeof value === 'string') return withLineFeeds(value);
  if (Array.isArray(value)) return value.map(withLineFeedsInside);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withLineFeedsInside(inner)]));
}
