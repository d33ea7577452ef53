/**
 * The ref in which the clone keeps what it knows of a ref of the remote, by refspecs such as
 * `+refs/heads/*:refs/remotes/origin/*`; undefined if it keeps nothing. Pure.
 */
export function trackingRef(refspecs: readonly string[], ref: string): string | undefined {
  if (refspecs.some((spec) => spec.startsWith('^') && matched(spec.slice(1), ref) !== undefined)) return undefined;
  for (const spec of refspecs) {
    if (spec.startsWith('^')) continue;
    const [from = '', to = ''] = spec.replace(/^\+/, '').split(':');
    const part = matched(from, ref);
    if (part !== undefined && to !== '') return to.replace('*', () => part);
  }
  return undefined;
}

/** What stands for the `*` of the pattern; undefined if it does not match. */
function matched(pattern: string, ref: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === ref ? '' : undefined;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const fits = ref.length > start.length + end.length && ref.startsWith(start) && ref.endsWith(end);
  return fits ? ref.slice(start.length, ref.length - end.length) : undefined;
}
