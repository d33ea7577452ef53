/** A commit as a node of history. */
export interface CommitNode {
  readonly oid: string;
  readonly parents: readonly string[];
}

/**
 * A run of commits after which exactly those that `end` reaches have been told: there, one commit id says how far a
 * reader has come. In a history without merges every commit is such a run.
 */
export interface Segment {
  readonly end: string;
  /** Parents before children. */
  readonly commits: readonly string[];
}

/**
 * The commits that `tip` reaches and `done` does not, in an order that depends on nothing but the commits: parents come
 * before children, and what a merge brought in comes right before the merge.
 *
 * @param nodes exactly those commits, in any order
 * @param done undefined: they are the whole history
 */
export function segmentsOf(nodes: readonly CommitNode[], tip: string, done: string | undefined): Segment[] {
  const segments: Segment[] = [];
  let run: string[] = [];
  // Told commits whose children have not been told. A segment ends when only one is left.
  const heads = new Set<string>(done === undefined ? [] : [done]);
  for (const { oid, parents } of inOrder(nodes, tip)) {
    for (const parent of parents) heads.delete(parent);
    heads.add(oid);
    run.push(oid);
    if (heads.size > 1) continue;
    segments.push({ end: oid, commits: run });
    run = [];
  }
  return segments;
}

/** Depth first, first parents first; without recursion, since a history is deeper than a stack. */
function inOrder(nodes: readonly CommitNode[], tip: string): CommitNode[] {
  const byOid = new Map(nodes.map((node) => [node.oid, node]));
  const seen = new Set<string>();
  const order: CommitNode[] = [];
  const open: { readonly node: CommitNode; next: number }[] = [];
  const enter = (oid: string | undefined): void => {
    const node = oid === undefined || seen.has(oid) ? undefined : byOid.get(oid);
    if (node === undefined) return;
    seen.add(node.oid);
    open.push({ node, next: 0 });
  };
  enter(tip);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.next < top.node.parents.length) {
      enter(top.node.parents[top.next++]);
      continue;
    }
    open.pop();
    order.push(top.node);
  }
  return order;
}
