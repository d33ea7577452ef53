/** A circle in what uses what, as the list of its members. */
export function circleIn(uses: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (one: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(one)) return [...trail.slice(trail.indexOf(one)), one];
    if (done.has(one)) return undefined;
    for (const other of uses.get(one) ?? []) {
      const circle = walk(other, [...trail, one]);
      if (circle) return circle;
    }
    done.add(one);
    return undefined;
  };
  for (const one of uses.keys()) {
    const circle = walk(one, []);
    if (circle) return circle;
  }
  return undefined;
}
