import type { ListChange } from './board.ts';
import { isSame } from './same.ts';

/**
 * What changed between two lists of things that have names, each of which is in a list once; undefined: nothing. As few
 * as can be get another place: of those that stay, a longest part that is in the same order keeps it.
 */
export function listChange<One extends object>(
  before: readonly One[],
  after: readonly One[],
  nameOf: (one: One) => string,
): ListChange<One> | undefined {
  const known = new Map(before.map((one, index) => [nameOf(one), { one, index }]));
  const changed = after.filter((one) => {
    const old = known.get(nameOf(one))?.one;
    return old === undefined || !isSame(old, one);
  });
  const names = after.map(nameOf);
  const now = new Set(names);
  const gone = [...known.keys()].filter((name) => !now.has(name));
  const stays = inOrder(names.map((name) => known.get(name)?.index));
  const placed = names.flatMap((name, at) => (stays[at] ? [] : [{ name, after: names[at - 1] ?? null }]));
  return changed.length + gone.length + placed.length === 0 ? undefined : { changed, gone, placed };
}

/** The list after the change. @throws Error if the change is not one of this list */
export function applyListChange<One extends object>(
  before: readonly One[],
  { changed, gone, placed }: ListChange<One>,
  nameOf: (one: One) => string,
): One[] {
  const known = new Map(before.map((one) => [nameOf(one), one]));
  for (const one of changed) known.set(nameOf(one), one);
  const away = new Set([...gone, ...placed.map(({ name }) => name)]);
  const next = new Map(placed.map(({ name, after }) => [after, name]));
  const result: One[] = [];
  const put = (first: string | undefined): void => {
    for (let name = first; name !== undefined; name = next.get(name)) {
      const one = known.get(name);
      if (one === undefined) throw new Error(`the change is about ${name}, which the list does not have`);
      result.push(one);
    }
  };
  put(next.get(null));
  for (const one of before) if (!away.has(nameOf(one))) put(nameOf(one));
  return result;
}

/**
 * Which of the indices are in one longest rising run of them (patience sorting).
 * @param indices undefined: it is in none
 */
function inOrder(indices: readonly (number | undefined)[]): boolean[] {
  /** For each length of a run, where the run of that length ends that ends lowest. */
  const ends: number[] = [];
  const previous = new Array<number>(indices.length).fill(-1);
  for (const [at, index] of indices.entries()) {
    if (index === undefined) continue;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((indices[ends[middle] ?? 0] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    previous[at] = ends[low - 1] ?? -1;
    ends[low] = at;
  }
  const stays = new Array<boolean>(indices.length).fill(false);
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) stays[at] = true;
  return stays;
}
