import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../../src/domain/graph/critical-path.ts';
import { type GraphOptions, graphOf } from '../../../src/domain/graph/task-graph.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';
import { sized } from '../../kit/sample.ts';

function graph(tasks: readonly TaskSpec[], options: Partial<GraphOptions> = {}) {
  return graphOf(new QueueState(snapshotOf(tasks)), { tasks: 'open', ...options });
}

function names(tasks: readonly TaskSpec[], options?: Partial<GraphOptions>): string[] {
  return graph(tasks, options).tasks.map(({ name, state, requires }) => `${name} ${state} <- ${requires.join(',')}`);
}

describe('the graph of a queue', () => {
  const QUEUE: readonly TaskSpec[] = [
    { id: 'T-10', required: ['T-2', 'T-3', 'T-9', 'pay/P-1'] },
    { id: 'T-2', state: 'claimed', claim: { claimedBy: 'a1' }, required: ['T-1'] },
    { id: 'T-1', state: 'completed' },
    { id: 'T-3', status: 'cancelled', cancellation: {} },
    { id: 'T-4', status: 'cancelled', cancellation: {} },
    { id: 'P-1', project: 'pay', required: ['P-2'] },
    { id: 'P-2', project: 'pay', state: 'completed' },
    { id: 'P-3', project: 'pay' },
  ];

  it('has what is open, and of the rest what an open task waits for', () => {
    expect(names(QUEUE)).toEqual([
      'auth/T-2 claimed <- ',
      'auth/T-3 cancelled <- ',
      'auth/T-9 unknown <- ',
      'auth/T-10 waiting <- auth/T-2,auth/T-3,auth/T-9,pay/P-1',
      'pay/P-1 ready <- ',
      'pay/P-3 ready <- ',
    ]);
  });

  it('has of other projects only what the project requires in the end', () => {
    expect(names(QUEUE, { project: 'auth' }).filter((line) => line.startsWith('pay'))).toEqual(['pay/P-1 ready <- ']);
    expect(names(QUEUE, { project: 'auth', tasks: 'all' }).filter((line) => line.startsWith('pay'))).toEqual([
      'pay/P-1 ready <- pay/P-2',
      'pay/P-2 completed <- ',
    ]);
    expect(names(QUEUE, { tasks: 'all' })).toHaveLength(9);
  });

  it('names tasks that wait for each other, and has no path through them', () => {
    const cycle = [
      { id: 'A', required: ['B'] },
      { id: 'B', required: ['A'] },
      { id: 'C', required: ['B'] },
      { id: 'D', required: ['D'] },
    ];
    const { cycles, criticalPath: path } = graph(cycle);
    expect(cycles).toEqual([['auth/A', 'auth/B']]);
    expect(path).toEqual(['auth/C']);
  });

  it('takes the longest chain, then the one of the highest priorities, then the first', () => {
    const tasks = [
      { id: 'A', priority: 1 },
      { id: 'B', priority: 5 },
      { id: 'C', priority: 9, required: ['A', 'B'] },
      { id: 'D', priority: 9, required: ['A'] },
      { id: 'E', priority: 100 },
    ];
    expect(graph(tasks).criticalPath).toEqual(['auth/B', 'auth/C']);
    expect(graph([{ id: 'B' }, { id: 'A' }]).criticalPath).toEqual(['auth/A']);
    expect(graph([{ id: 'A', state: 'completed' }]).criticalPath).toEqual([]);
  });
});

/** Edges lead to lower numbers only, so that there is no cycle. */
const acyclic = fc
  .array(
    fc.record({
      state: fc.constantFrom('ready', 'waiting', 'claimed', 'completed', 'cancelled'),
      priority: fc.option(fc.integer({ min: 0, max: 3 })),
      requires: fc.array(fc.nat(30), { maxLength: 3 }),
    }),
    { maxLength: 9 },
  )
  .map((tasks) => ({
    tasks,
    edges: tasks.map(({ requires }, at) =>
      [...new Set(requires.map((to) => to % Math.max(1, at)))].filter((to) => to < at),
    ),
  }));

/** Every chain of open tasks that ends in this one. */
function chainsTo(at: number, tasks: readonly { state: string }[], edges: readonly (readonly number[])[]): number[][] {
  if (tasks[at]?.state === 'completed' || tasks[at]?.state === 'cancelled') return [];
  const before = (edges[at] ?? []).flatMap((to) => chainsTo(to, tasks, edges));
  return [[at], ...before.map((chain) => [...chain, at])];
}

it('is never shorter, nor of lower priorities, than any chain that there is', () => {
  fc.assert(
    fc.property(acyclic, ({ tasks, edges }) => {
      const path = criticalPath(tasks, edges);
      const weight = (chain: readonly number[]): number =>
        chain.length * 1000 + chain.reduce((sum, at) => sum + (tasks[at]?.priority ?? 0), 0);
      const all = tasks.flatMap((_, at) => chainsTo(at, tasks, edges));
      expect(weight(path)).toBe(Math.max(0, ...all.map(weight)));
      expect(path.length === 0 || all.some((chain) => chain.join() === path.join())).toBe(true);
    }),
    { numRuns: sized(1000, 200) },
  );
});

it('walks a chain of a hundred thousand tasks', () => {
  const edges = Array.from({ length: 100_000 }, (_, at) => (at === 0 ? [] : [at - 1]));
  const path = criticalPath(
    edges.map(() => ({ state: 'ready', priority: 1 })),
    edges,
  );
  expect(path).toHaveLength(100_000);
});
