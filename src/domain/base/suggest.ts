/**
 * The candidate that was most likely meant.
 * @returns undefined if none is close: a wrong suggestion is worse than none.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    // The distance is at least the difference in length, and comparing long words takes long.
    if (Math.abs(word.length - candidate.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** All candidates that are as close as {@link closest}; none if none is close. */
export function allClosest(word: string, candidates: readonly string[]): string[] {
  const one = closest(word, candidates);
  if (one === undefined) return [];
  const name = word.toLowerCase();
  const distance = editDistance(name, one.toLowerCase());
  return candidates.filter((candidate) => editDistance(name, candidate.toLowerCase()) === distance);
}

/**
 * The candidates that may have been meant, nearest first, at most `most`.
 * @returns the empty list if none is close
 */
export function nearest(word: string, candidates: readonly string[], most: number): string[] {
  const left = new Set(candidates);
  const found: string[] = [];
  for (let meant = closest(word, candidates); meant !== undefined && found.length < most; ) {
    found.push(meant);
    left.delete(meant);
    meant = closest(word, [...left]);
  }
  return found;
}

/** All candidates, nearest to the word first. */
export function byDistance(word: string, candidates: readonly string[]): string[] {
  const name = word.toLowerCase();
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate);
}

/** The numbers in an id: `TASK-2` and `TAKS-002` may mean the same task, `TASK-2` and `TASK-3` are two tasks. */
export function numbersIn(id: string): string {
  return (id.match(/\d+/g) ?? []).map((digits) => digits.replace(/^0+/, '')).join(' ');
}

/** Levenshtein distance with two neighbouring letters swapped counted as one typo. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
