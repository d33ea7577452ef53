/** The text with every line break (CRLF, CR) as LF: that is how task files are written. */
export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** The value with the line breaks of every text in it, at any depth, as LF. Keys stay as they are. */
export function withLineFeedsInside(value: unknown): unknown {
  if (typeof value === 'string') return withLineFeeds(value);
  if (Array.isArray(value)) return value.map(withLineFeedsInside);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withLineFeedsInside(inner)]));
}
