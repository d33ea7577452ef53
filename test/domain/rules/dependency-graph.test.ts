import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCycles, stronglyConnected } from '../../../src/domain/rules/dependency-graph.ts';

const graphs = fc
  .integer({ min: 1, max: 12 })
  .chain((size) =>
    fc.array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 }), {
      minLength: size,
      maxLength: size,
    }),
  )
  .map((edges) => edges.map((to, node) => to.filter((other) => other !== node)));

describe('stronglyConnected', () => {
  it('groups exactly the nodes that reach each other, after what they lead to', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const components = stronglyConnected(edges);
        expect(components.flat().sort((a, b) => a - b)).toEqual(edges.map((_, node) => node));
        const place = new Map(components.flatMap((component, at) => component.map((node) => [node, at] as const)));
        for (const [node] of edges.entries()) {
          for (const [other] of edges.entries()) {
            const together = place.get(node) === place.get(other);
            expect(together).toBe(node === other || (reaches(edges, node, other) && reaches(edges, other, node)));
          }
          for (const to of edges[node] ?? []) expect(place.get(to)).toBeLessThanOrEqual(place.get(node) ?? -1);
        }
      }),
    );
  });

  it('follows a chain of a hundred thousand without overflowing the stack', () => {
    const size = 100_000;
    const chain = Array.from({ length: size }, (_, node) => (node + 1 < size ? [node + 1] : []));
    expect(stronglyConnected(chain)).toHaveLength(size);
    const ring = chain.map((to, node) => (node + 1 < size ? to : [0]));
    expect(stronglyConnected(ring)).toHaveLength(1);
    expect(findCycles(ring, 20).map((cycle) => cycle.length)).toEqual([size]);
  });
});

describe('findCycles', () => {
  it('gives cycles only, each edge in one at most, and one for every knot', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const cycles = findCycles(edges, 100);
        const used = new Set<string>();
        for (const cycle of cycles) {
          expect(new Set(cycle).size).toBe(cycle.length);
          expect(cycle[0]).toBe(Math.min(...cycle));
          for (const [at, node] of cycle.entries()) {
            const next = cycle[(at + 1) % cycle.length] ?? -1;
            expect(edges[node]).toContain(next);
            expect(used.has(`${node} ${next}`)).toBe(false);
            used.add(`${node} ${next}`);
          }
        }
        const rest = edges.map((to, node) => to.filter((other) => !used.has(`${node} ${other}`)));
        expect(stronglyConnected(rest).filter((component) => component.length > 1)).toEqual([]);
      }),
    );
  });

  it('finds both cycles that share a node, and stops at the limit', () => {
    const edges = [[1, 2], [0], [0]];
    expect(findCycles(edges, 10)).toEqual([
      [0, 1],
      [0, 2],
    ]);
    expect(findCycles(edges, 1)).toHaveLength(1);
  });
});

function reaches(edges: readonly (readonly number[])[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const node of seen) for (const next of edges[node] ?? []) seen.add(next);
  return seen.has(to);
}
