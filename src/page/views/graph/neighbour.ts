import type { Place } from './layout.ts';
import type { GraphNode } from './model.ts';

/**
 * Where an arrow key leads from a node: left to what it requires, right to what requires it, up and down to the next
 * one in that direction. Of several the one whose height differs least.
 *
 * @returns its name; undefined: there is none
 */
export function neighbourOf(
  name: string,
  key: string,
  nodes: readonly GraphNode[],
  places: ReadonlyMap<string, Place>,
): string | undefined {
  const from = places.get(name);
  if (from === undefined) return undefined;
  const known = (names: readonly string[]): Place[] => names.flatMap((one) => places.get(one) ?? []);
  const nearest = (candidates: readonly Place[], distance: (place: Place) => number): string | undefined => {
    const others = candidates.filter((place) => place.name !== name);
    return others.sort((a, b) => distance(a) - distance(b))[0]?.name;
  };
  const byHeight = ({ y }: Place): number => Math.abs(y - from.y);
  // Nodes to the side count as far away: a column is walked down before the next one.
  const inColumn = ({ x, y }: Place): number => Math.abs(y - from.y) + 4 * Math.abs(x - from.x);
  switch (key) {
    case 'ArrowLeft':
      return nearest(known(nodes.find((node) => node.name === name)?.requires ?? []), byHeight);
    case 'ArrowRight': {
      const after = nodes.filter(({ requires }) => requires.includes(name)).map((node) => node.name);
      return nearest(known(after), byHeight);
    }
    case 'ArrowUp':
      return nearest(
        [...places.values()].filter(({ y }) => y < from.y),
        inColumn,
      );
    case 'ArrowDown':
      return nearest(
        [...places.values()].filter(({ y }) => y > from.y),
        inColumn,
      );
    default:
      return undefined;
  }
}
