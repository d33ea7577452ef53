/** Of a small picture of values over time. */
export interface SparkSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The lines of the values that are known, for the attribute `d` of a path: `area` is closed at the bottom. Empty if
 * fewer than two are known, which is not a line.
 */
export function sparkline(
  values: readonly (number | null)[],
  { width, height }: SparkSize,
): { line: string; area: string } {
  const known = values.flatMap((value, at) => (value === null ? [] : [{ value, at }]));
  const highest = known.reduce((most, { value }) => Math.max(most, value), 0);
  if (known.length < 2 || highest <= 0) return { line: '', area: '' };
  // Half of the line's width stays inside.
  const [top, room] = [1.5, height - 3];
  const points = known.map(({ value, at }) => {
    return `${round((at / (values.length - 1)) * width)} ${round(top + room * (1 - value / highest))}`;
  });
  const [first, last] = [known[0]?.at ?? 0, known.at(-1)?.at ?? 0].map((at) =>
    round((at / (values.length - 1)) * width),
  );
  const line = `M${points.join('L')}`;
  return { line, area: `${line}L${last} ${height}L${first} ${height}Z` };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
