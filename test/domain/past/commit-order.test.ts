import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CommitNode, segmentsOf } from '../../../src/domain/past/commit-order.ts';

/**
 * Histories as branches with merges make them: each commit has one or two parents among those before it, and the last
 * one reaches all. Commit `n` is named by its number.
 */
const history: fc.Arbitrary<readonly CommitNode[]> = fc
  .array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()),
    {
      maxLength: 40,
    },
  )
  .map((picks) => {
    const nodes: CommitNode[] = [{ oid: '0', parents: [] }];
    for (const [first, second, isMerge] of picks) {
      const pick = (share: number): string => String(Math.min(nodes.length - 1, Math.floor(share * nodes.length)));
      const parents = isMerge ? [...new Set([pick(first), pick(second)])] : [pick(first)];
      nodes.push({ oid: String(nodes.length), parents });
    }
    // Whatever has no child is brought together in the end.
    const parents = new Set(nodes.flatMap((node) => node.parents));
    const loose = nodes.filter(({ oid }) => !parents.has(oid)).map(({ oid }) => oid);
    return loose.length > 1 ? [...nodes, { oid: String(nodes.length), parents: loose }] : nodes;
  });

function reach(nodes: readonly CommitNode[], from: string): Set<string> {
  const reached = new Set<string>();
  const open = [from];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    if (reached.has(oid)) continue;
    reached.add(oid);
    open.push(...(nodes[Number(oid)]?.parents ?? []));
  }
  return reached;
}

const between = (nodes: readonly CommitNode[], tip: string, done: string | undefined): CommitNode[] => {
  const known = done === undefined ? new Set<string>() : reach(nodes, done);
  const wanted = reach(nodes, tip);
  return nodes.filter(({ oid }) => wanted.has(oid) && !known.has(oid));
};

const tipOf = (nodes: readonly CommitNode[]): string => nodes.at(-1)?.oid ?? '0';

it('tells every commit once, parents first', () => {
  fc.assert(
    fc.property(history, (nodes) => {
      const order = segmentsOf(nodes, tipOf(nodes), undefined).flatMap(({ commits }) => commits);
      expect([...order].sort()).toEqual(nodes.map(({ oid }) => oid).sort());
      for (const { oid, parents } of nodes) {
        for (const parent of parents) expect(order.indexOf(parent)).toBeLessThan(order.indexOf(oid));
      }
    }),
  );
});

it('ends a segment only where its end reaches all that was told', () => {
  fc.assert(
    fc.property(history, (nodes) => {
      const told = new Set<string>();
      for (const { end, commits } of segmentsOf(nodes, tipOf(nodes), undefined)) {
        for (const oid of commits) told.add(oid);
        expect(reach(nodes, end)).toEqual(told);
      }
      expect(told.size).toBe(nodes.length);
    }),
  );
});

it('tells the same, each commit once, however the history is split into polls', () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat(40)), (nodes, picks) => {
      const tip = tipOf(nodes);
      // Tips as a remote shows them: each reaches the one before.
      const tips: string[] = [];
      for (const pick of [...picks].sort((a, b) => a - b)) {
        const candidate = String(Math.min(pick, nodes.length - 1));
        const last = tips.at(-1);
        if (last === undefined || reach(nodes, candidate).has(last)) tips.push(candidate);
      }
      const order: string[] = [];
      let done: string | undefined;
      for (const next of [...tips, tip]) {
        const segments = segmentsOf(between(nodes, next, done), next, done);
        order.push(...segments.flatMap(({ commits }) => commits));
        done = next;
      }
      expect([...order].sort()).toEqual(nodes.map(({ oid }) => oid).sort());
    }),
  );
});

it('tells the rest of a segment alike, whoever asks from its beginning', () => {
  fc.assert(
    fc.property(history, (nodes) => {
      let done: string | undefined;
      for (const { end, commits } of segmentsOf(nodes, tipOf(nodes), undefined)) {
        const again = segmentsOf(between(nodes, end, done), end, done).flatMap((segment) => segment.commits);
        expect(again).toEqual(commits);
        done = end;
      }
    }),
  );
});

it('is the same sequence for any split of a history without merges', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(59)), (length, picks) => {
      const nodes = Array.from({ length }, (_, index) => ({
        oid: String(index),
        parents: index === 0 ? [] : [String(index - 1)],
      }));
      const tips = [...new Set([...picks.filter((pick) => pick < length), length - 1])].sort((a, b) => a - b);
      let done: string | undefined;
      const order = tips.flatMap((tip) => {
        const segments = segmentsOf(between(nodes, String(tip), done), String(tip), done);
        done = String(tip);
        expect(segments.every(({ commits }) => commits.length === 1)).toBe(true);
        return segments.map(({ end }) => end);
      });
      expect(order).toEqual(nodes.map(({ oid }) => oid));
    }),
  );
});
