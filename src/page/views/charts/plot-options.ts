import uPlot from 'uplot';
import { ticksIn } from '../times/ticks.ts';
import type { ChartLine, ChartSpec } from './chart-specs.ts';
import { DURATION_STEPS, markText, type Unit } from './units.ts';

/** The colour that a variable of the style sheet has now. */
export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Marks of an axis, by what it counts. */
const STEPS: Readonly<Record<Unit, readonly number[]>> = {
  count: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 50_000, 100_000],
  share: [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5],
  duration: DURATION_STEPS,
};

/** Pixels between two marks of the time. */
const TICK_ROOM = 84;

/** Of a chart with its axes. */
export const CHART_HEIGHT = 196;

/**
 * What uPlot is told about a chart. Colours are asked for at each drawing, so that a chart follows the theme.
 * @param newest the chart as it is at each drawing: its times and values change, its lines do not
 * @param group charts of one group show the same time under the pointer
 */
export function plotOptions(newest: () => ChartSpec, width: number, group: string): uPlot.Options {
  const spec = newest();
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { font, stroke: () => colourOf('text-faint'), ticks: { show: false } } as const;
  return {
    width,
    height: CHART_HEIGHT,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: {
      x: true,
      y: false,
      drag: { x: false, y: false },
      sync: { key: group, scales: ['x', null] },
      // A bar needs no point on it.
      points: {
        size: (_, line) => (isBars(spec, line) ? 0 : 10),
        width: (_, line) => (isBars(spec, line) ? 0 : 2),
        stroke: () => colourOf('surface'),
        fill: (_, line) => lineColour(spec, line),
      },
    },
    scales: {
      x: { time: true, range: () => [newest().from / 1000, newest().to / 1000] },
      y: { range: (_, __, most) => [0, ceilingOf(most, spec.unit)] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 6,
        grid: { show: false },
        splits: (plot) => ticksOf(plot, newest()).map(({ at }) => at / 1000),
        values: (plot) => ticksOf(plot, newest()).map(({ label }) => label),
      },
      {
        ...axis,
        gap: 6,
        size: (_, values) => 16 + Math.max(18, ...(values ?? []).map((text) => text.length * 6.2)),
        grid: { stroke: () => colourOf('border'), width: 1 },
        incrs: [...STEPS[spec.unit]],
        space: 36,
        values: (_, marks) => marks.map((mark) => markText(mark, spec.unit)),
      },
    ],
    series: [{}, ...spec.lines.map((line, at) => seriesOf(line, at, spec))],
  };
}

/** Parts the past from what is expected. */
export function drawNow(plot: uPlot, { now }: ChartSpec): void {
  if (now === undefined) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(now / 1000, 'x', true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colourOf('border-strong');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.fillStyle = colourOf('text-faint');
  ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillText('now', x + 4 * devicePixelRatio, bbox.top + bbox.height - 4 * devicePixelRatio);
  ctx.restore();
}

/** The columns that uPlot draws. Times are in seconds. */
export function plotData({ times, lines }: ChartSpec): uPlot.AlignedData {
  return [times.map((time) => time / 1000), ...lines.map(({ values }) => [...values])];
}

function ticksOf(plot: uPlot, { from, to }: ChartSpec): ReturnType<typeof ticksIn> {
  return ticksIn(from, to, Math.max(1, Math.floor(plot.bbox.width / devicePixelRatio / TICK_ROOM)));
}

function seriesOf(line: ChartLine, at: number, spec: ChartSpec): uPlot.Series {
  const stroke = (): string => colourOf(line.colour);
  const base: uPlot.Series = { label: line.label, stroke, width: 2, spanGaps: true };
  switch (line.shape) {
    case 'bars': {
      const bars = spec.lines.filter(({ shape }) => shape === 'bars').length;
      const align = bars === 1 ? 0 : at === 0 ? -1 : 1;
      const paths = uPlot.paths.bars?.({ size: [bars === 1 ? 0.7 : 0.38, 22, 2], align, radius: 0.15 });
      return { ...base, ...(paths && { paths }), width: 0, fill: stroke, points: { show: false } };
    }
    case 'steps': {
      const paths = uPlot.paths.stepped?.({ align: -1 });
      return { ...base, ...(paths && { paths }), points: { show: false } };
    }
    case 'dashes':
      return { ...base, dash: [5, 5], points: { show: false } };
    case 'area':
      return { ...base, fill: () => faded(colourOf(line.colour)), points: pointsOf(line) };
    case 'line':
      return { ...base, points: pointsOf(line) };
  }
}

/** Values without neighbours would be invisible without a point. */
function pointsOf({ values, colour }: ChartLine): uPlot.Series.Points {
  return { show: hasGaps(values), size: 5, fill: () => colourOf(colour) };
}

/** Whether there are few values, and nothing between some of them. */
export function hasGaps(values: readonly (number | null)[]): boolean {
  const known = values.flatMap((value, at) => (value === null ? [] : [at]));
  const length = (known.at(-1) ?? 0) - (known[0] ?? 0) + 1;
  return known.length > 0 && known.length <= 40 && (known.length === 1 || known.length < length);
}

function isBars({ lines }: ChartSpec, series: number): boolean {
  return lines[series - 1]?.shape === 'bars';
}

function lineColour({ lines }: ChartSpec, series: number): string {
  return colourOf(lines[series - 1]?.colour ?? 'accent');
}

/** The top of an axis: room above the highest value, and never an axis without length. */
function ceilingOf(most: number | null, unit: Unit): number {
  const highest = most ?? 0;
  if (unit === 'share') return Math.min(1, Math.max(0.1, highest * 1.15));
  return highest <= 0 ? (unit === 'count' ? 4 : 1000) : Math.max(highest * 1.12, unit === 'count' ? 2.5 : 0);
}

function faded(colour: string): string {
  return `color-mix(in srgb, ${colour} 14%, transparent)`;
}
