import { Graph, layout } from '@dagrejs/dagre';
import type { GraphTask, TaskGraph } from '../../../domain/graph/task-graph.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import { cutToWidth } from '../../output/table.ts';
import { arrowsOf, CRITICAL, captionOf, INK, PALETTE } from './arrows.ts';

/** Most tasks in a picture: the layout took 0.7 s of processor time for 200 tasks, 3 s for 500, and 12 s for 1,000. */
export const MOST_DRAWN = 500;

/** Of a box, in pixels. */
const WIDTH = 240;
const LINE = 18;
const PADDING = 10;

/** Characters of a line in a box, at 13 pixels. */
const FITS = 34;

const MARGIN = 16;

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * A picture that needs nothing else: no script, no style sheet, no font from elsewhere. What begins is on the left.
 * Every text is escaped.
 */
export function toSvg(graph: TaskGraph): string {
  const { tasks } = graph;
  const arrows = arrowsOf(graph);
  const drawing = new Graph<{ rankdir: string; nodesep: number; ranksep: number; marginx: number; marginy: number }>();
  drawing.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 60, marginx: MARGIN, marginy: MARGIN });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const [at, task] of tasks.entries()) drawing.setNode(String(at), { width: WIDTH, height: heightOf(task) });
  for (const { from, to, isCritical } of arrows) {
    // A heavier arrow is kept straighter.
    drawing.setEdge(String(from), String(to), { weight: isCritical ? 4 : 1 });
  }
  layout(drawing);
  const { width = 2 * MARGIN, height = 2 * MARGIN } = drawing.graph() as { width?: number; height?: number };
  const critical = new Set(graph.criticalPath);
  const lines = arrows.map((arrow) => {
    const { points } = drawing.edge(String(arrow.from), String(arrow.to)) as { points: readonly Point[] };
    const [from, to] = [arrow.from, arrow.to].map((at) => drawing.node(String(at)) as unknown as Point);
    // Between neighbours, the point in the middle is only the place of a label.
    const between = points.length > 3 ? points.slice(1, -1) : [];
    const ends = [sideOf(from, 'right'), ...between, sideOf(to, 'left')];
    return lineThrough(ends, arrow.isCritical ? 'critical' : 'plain');
  });
  const boxes = tasks.map((task, at) => {
    return boxOf(task, drawing.node(String(at)) as unknown as Point, critical.has(task.name) ? 'critical' : 'plain');
  });
  const [w, h] = [Math.max(1, Math.ceil(width)), Math.max(1, Math.ceil(height))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img"`,
    `  font-family="system-ui, sans-serif" font-size="13">`,
    `<title>Tasks and what they require</title>`,
    `<defs>${head('plain', '#6b7280')}${head('critical', CRITICAL)}</defs>`,
    ...lines,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}

function heightOf(task: GraphTask): number {
  return (1 + captionOf(task).length) * LINE + 2 * PADDING - 4;
}

function boxOf(task: GraphTask, { x, y }: Point, path: 'critical' | 'plain'): string {
  const { fill, border } = PALETTE[task.state];
  const height = heightOf(task);
  const [left, top] = [x - WIDTH / 2, y - height / 2];
  const stroke = path === 'critical' ? `stroke="${CRITICAL}" stroke-width="3"` : `stroke="${border}"`;
  const texts = [task.name, ...captionOf(task)].map((text, line) => {
    const at = `x="${round(left + PADDING)}" y="${round(top + PADDING + LINE * line + 11)}"`;
    return `<text ${at} fill="${INK}"${line === 0 ? ' font-weight="600"' : ''}>${escaped(cutToWidth(sanitizeLine(text), FITS))}</text>`;
  });
  const whole = [task.name, ...captionOf(task)].join(' - ');
  const rectangle = `<rect x="${round(left)}" y="${round(top)}" width="${WIDTH}" height="${height}" rx="6" fill="${fill}" ${stroke}/>`;
  return `<g><title>${escaped(sanitizeLine(whole))}</title>${rectangle}${texts.join('')}</g>`;
}

/** The middle of a side: time goes from left to right, so that is where arrows leave and arrive. */
function sideOf(box: Point | undefined, side: 'left' | 'right'): Point {
  const { x, y } = box ?? { x: 0, y: 0 };
  return { x: side === 'left' ? x - WIDTH / 2 : x + WIDTH / 2, y };
}

/** A curve that is level at each point. */
function lineThrough(points: readonly Point[], path: 'critical' | 'plain'): string {
  const at = ({ x, y }: Point): string => `${round(x)},${round(y)}`;
  const curves = points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    const middle = (from.x + to.x) / 2;
    return `C${at({ x: middle, y: from.y })} ${at({ x: middle, y: to.y })} ${at(to)}`;
  });
  const stroke = path === 'critical' ? `stroke="${CRITICAL}" stroke-width="3"` : 'stroke="#6b7280"';
  return `<path d="M${points.slice(0, 1).map(at).join('')} ${curves.join(' ')}" fill="none" ${stroke} marker-end="url(#${path})"/>`;
}

function head(id: 'critical' | 'plain', fill: string): string {
  const shape = `<path d="M0,0 L8,4 L0,8 z" fill="${fill}"/>`;
  const size = 'markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" refX="8" refY="4" orient="auto"';
  return `<marker id="${id}" ${size}>${shape}</marker>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
