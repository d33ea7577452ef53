/** A directed graph by number: `edges[node]` lists where its edges lead. */
export type Edges = readonly (readonly number[])[];

/**
 * Strongly connected components (Tarjan), each after every component that its edges lead to. It keeps its own stack: a
 * queue may be one chain of a hundred thousand tasks.
 */
export function stronglyConnected(edges: Edges): number[][] {
  const index = new Array<number>(edges.length).fill(-1);
  const low = new Array<number>(edges.length).fill(0);
  const isOpen = new Array<boolean>(edges.length).fill(false);
  const open: number[] = [];
  const path: { readonly node: number; edge: number }[] = [];
  const components: number[][] = [];
  let visited = 0;

  const enter = (node: number): void => {
    index[node] = visited;
    low[node] = visited++;
    open.push(node);
    isOpen[node] = true;
    path.push({ node, edge: 0 });
  };
  const lower = (node: number, to: number): void => {
    low[node] = Math.min(low[node] ?? 0, to);
  };

  for (let root = 0; root < edges.length; root++) {
    if (index[root] === -1) enter(root);
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { node } = frame;
      const to = edges[node]?.[frame.edge++];
      if (to !== undefined) {
        if (index[to] === -1) enter(to);
        else if (isOpen[to]) lower(node, index[to] ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(parent.node, low[node] ?? 0);
      if (low[node] !== index[node]) continue;
      const component = open.splice(open.lastIndexOf(node));
      for (const member of component) isOpen[member] = false;
      components.push(component);
    }
  }
  return components;
}

/**
 * Cycles of two or more nodes that share no edge. Each begins at its lowest node, and none is longer than it must be.
 * Listing every cycle would take forever: a dozen tasks can have millions.
 *
 * @param most limit of the cycles of one component
 */
export function findCycles(edges: Edges, most: number): number[][] {
  const cycles: number[][] = [];
  for (const component of stronglyConnected(edges)) {
    if (component.length < 2) continue;
    const members = component.sort((a, b) => a - b);
    const number = new Map(members.map((node, at) => [node, at]));
    const inside = members.map((node) => (edges[node] ?? []).flatMap((to) => number.get(to) ?? []));
    for (const cycle of cyclesInside(inside, most)) cycles.push(cycle.map((at) => members[at] ?? 0));
  }
  return cycles.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

function cyclesInside(edges: number[][], most: number): number[][] {
  const cycles: number[][] = [];
  while (cycles.length < most) {
    const components = stronglyConnected(edges).filter((component) => component.length > 1);
    if (components.length === 0) break;
    for (const component of components) {
      const cycle = shortestCycle(
        edges,
        component.reduce((lowest, node) => Math.min(lowest, node)),
      );
      cycles.push(cycle);
      for (const [at, node] of cycle.entries()) {
        const next = cycle[(at + 1) % cycle.length];
        edges[node] = (edges[node] ?? []).filter((to) => to !== next);
      }
    }
  }
  return cycles;
}

/** Searches breadth first, from `start` back to it. */
function shortestCycle(edges: Edges, start: number): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const to of edges[node] ?? []) {
      if (to === start) {
        const cycle = [node];
        for (let at = node; at !== start; cycle.push(at)) at = cameFrom.get(at) ?? start;
        return cycle.reverse();
      }
      if (cameFrom.has(to)) continue;
      cameFrom.set(to, node);
      queue.push(to);
    }
  }
  return [];
}
