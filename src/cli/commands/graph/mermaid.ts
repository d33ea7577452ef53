import type { TaskGraph } from '../../../domain/graph/task-graph.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { arrowsOf, CRITICAL, captionOf, INK, PALETTE } from './arrows.ts';

/** Mermaid's own limit of arrows (`maxEdges`, its configuration's default). */
export const MOST_EDGES = 500;

/** Titles are cut: a box grows with its text. */
const LONGEST = 60;

/**
 * A flowchart for Mermaid. Titles are text, whatever is in them: quotes, angle brackets and everything else that
 * Mermaid or a page might take for markup are written by their numbers (`#35;`).
 */
export function toMermaid(graph: TaskGraph): string {
  const lines = ['flowchart LR'];
  for (const [at, task] of graph.tasks.entries()) {
    const label = [task.name, ...captionOf(task)].map((text) => escaped(cut(text))).join('<br/>');
    lines.push(`  t${at}["${label}"]:::${task.state}`);
  }
  const arrows = arrowsOf(graph);
  for (const { from, to, isCritical } of arrows) lines.push(`  t${from} ${isCritical ? '==>' : '-->'} t${to}`);
  const states = [...new Set(graph.tasks.map(({ state }) => state))].sort();
  for (const state of states) {
    const { fill, border } = PALETTE[state];
    lines.push(`  classDef ${state} fill:${fill},stroke:${border},color:${INK}`);
  }
  const critical = arrows.flatMap(({ isCritical }, at) => (isCritical ? [at] : []));
  if (critical.length > 0) lines.push(`  linkStyle ${critical.join(',')} stroke:${CRITICAL},stroke-width:3px`);
  return `${lines.join('\n')}\n`;
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join('')}…`;
}

function escaped(text: string): string {
  return sanitizeLine(text).replace(/[^\p{L}\p{N} .,:/_…()-]/gu, (character) => `#${character.codePointAt(0)};`);
}
