import { given } from '../../../domain/base/given.ts';
import { graphOf, type TaskGraph } from '../../../domain/graph/task-graph.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import { EVERY_STATE, OPEN_STATES, placeOf, requireProject, tipsOf, warnUnreadable } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { GraphResult } from './result.ts';

const FORMATS = ['text', 'mermaid', 'dot', 'svg'] as const;
type Format = (typeof FORMATS)[number];

/** Options of `agentq graph`. */
export interface GraphOptions extends CommonOptions {
  readonly project: string | undefined;
  readonly format: Format;
  readonly tasks: 'open' | 'all';
}

/** Reads and checks the options of `agentq graph`. */
export function parse(input: Input): GraphOptions {
  const format = input.word('format', FORMATS) ?? 'text';
  if (format !== 'text' && input.isOn('json')) throw usage(`--json and --format ${format} exclude each other`);
  return { project: input.project(), format, tasks: input.isOn('all') ? 'all' : 'open' };
}

/** What requires what, at the tip of the queue. */
export function run({ project, format, tasks: which }: GraphOptions, context: CommandContext): Promise<GraphResult> {
  return context.withQueue(async (queue) => {
    // Tasks of other projects may be on the path.
    const read = which === 'all' ? EVERY_STATE : OPEN_STATES;
    const snapshot = await (await queue.read()).snapshot({ read }, { unreadable: 'leave' });
    requireProject(snapshot, project);
    const state = new QueueState(snapshot);
    for (const entries of state.all()) for (const entry of entries) warnUnreadable(context, entry);
    const graph = graphOf(state, { tasks: which, ...given({ project }) });
    for (const cycle of graph.cycles) {
      context.log.warning(`these tasks wait for each other: ${[...cycle, ...cycle.slice(0, 1)].join(' -> ')}`);
    }
    const critical = new Set(graph.criticalPath);
    return {
      ...placeOf(queue),
      tip: snapshot.tip,
      ...tipsOf(snapshot),
      tasks: graph.tasks.map(({ name, id, ...task }) => ({ ...task, task: id, isCritical: critical.has(name) })),
      criticalPath: graph.criticalPath,
      cycles: graph.cycles,
      presentation: { text: await inFormat(graph, format, context) },
    };
  });
}

/** Each format is loaded only where it is wanted. */
async function inFormat(graph: TaskGraph, format: Format, { log }: CommandContext): Promise<string | undefined> {
  switch (format) {
    case 'text':
      return undefined;
    case 'mermaid': {
      const { MOST_EDGES, toMermaid } = await import('./mermaid.ts');
      const edges = graph.tasks.reduce((sum, { requires }) => sum + requires.length, 0);
      if (edges > MOST_EDGES) {
        log.warning(`Mermaid draws at most ${MOST_EDGES} arrows unless its maxEdges is raised, and these are ${edges}`);
      }
      return toMermaid(graph);
    }
    case 'dot':
      return (await import('./dot.ts')).toDot(graph);
    case 'svg': {
      const { MOST_DRAWN, toSvg } = await import('./svg.ts');
      if (graph.tasks.length > MOST_DRAWN) {
        const count = graph.tasks.length;
        throw usage(
          `a picture of ${count} tasks cannot be drawn (at most ${MOST_DRAWN})`,
          'name a project, or take --format dot',
        );
      }
      return toSvg(graph);
    }
  }
}
