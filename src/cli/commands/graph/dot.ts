import type { TaskGraph } from '../../../domain/graph/task-graph.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { arrowsOf, CRITICAL, captionOf, INK, PALETTE } from './arrows.ts';

/** The graph in the language of Graphviz. Names and titles are quoted strings, in which only `"` and `\` mean anything. */
export function toDot(graph: TaskGraph): string {
  const { tasks } = graph;
  const lines = [
    'digraph agentq {',
    '  rankdir=LR;',
    `  node [shape=box, style="rounded,filled", fontname="sans-serif", fontcolor="${INK}"];`,
  ];
  for (const task of tasks) {
    const { fill, border } = PALETTE[task.state];
    const label = [task.name, ...captionOf(task)].map(escaped).join('\\n');
    lines.push(`  ${quoted(task.name)} [label="${label}", fillcolor="${fill}", color="${border}"];`);
  }
  for (const { from, to, isCritical } of arrowsOf(graph)) {
    const style = isCritical ? ` [color="${CRITICAL}", penwidth=3]` : '';
    lines.push(`  ${quoted(tasks[from]?.name ?? '')} -> ${quoted(tasks[to]?.name ?? '')}${style};`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

function escaped(text: string): string {
  return sanitizeLine(text).replace(/["\\]/g, (character) => `\\${character}`);
}
