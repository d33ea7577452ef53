import type { GraphTask, TaskGraph } from '../../../domain/graph/task-graph.ts';

/** An arrow from what is to be done first to the task that requires it, by their places in the graph. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly isCritical: boolean;
}

/** The arrows of the graph, in the order of the tasks that they lead to. */
export function arrowsOf({ tasks, criticalPath }: TaskGraph): readonly Arrow[] {
  const number = new Map(tasks.map(({ name }, at) => [name, at]));
  const before = new Map(criticalPath.map((name, at) => [name, criticalPath[at - 1]]));
  return tasks.flatMap(({ name, requires }, to) =>
    requires.flatMap((required): Arrow[] => {
      const from = number.get(required);
      return from === undefined ? [] : [{ from, to, isCritical: before.get(name) === required }];
    }),
  );
}

/** What a box says about the task besides its name: the title, its state, and who works on it. */
export function captionOf({ title, state, agent }: GraphTask): readonly string[] {
  const doing = agent === null ? state : `${state} by ${agent}`;
  return title === null ? [doing] : [title, doing];
}

/**
 * Fill, border and text of each state. Text on fill has a contrast of at least 7:1 (WCAG AAA), on a light and on a dark
 * page, since boxes bring their own ground.
 */
export const PALETTE: Readonly<Record<GraphTask['state'], { readonly fill: string; readonly border: string }>> = {
  ready: { fill: '#d7f5dd', border: '#1a7f37' },
  waiting: { fill: '#f3f4f6', border: '#6b7280' },
  blocked: { fill: '#fde2e1', border: '#b42318' },
  asking: { fill: '#fff1cc', border: '#9a6700' },
  claimed: { fill: '#dbeafe', border: '#1d4ed8' },
  review: { fill: '#ede4ff', border: '#6d28d9' },
  completed: { fill: '#e5e7eb', border: '#4b5563' },
  cancelled: { fill: '#f9fafb', border: '#9ca3af' },
  unknown: { fill: '#ffffff', border: '#b42318' },
};

/** Text in a box. */
export const INK = '#111827';

/** Arrows and borders of the critical path. */
export const CRITICAL = '#c2410c';
