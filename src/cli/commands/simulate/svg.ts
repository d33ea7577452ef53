import type { SimulationRun } from '../../../../lab/simulation/simulation.ts';

const WIDTH = 880;
const PANEL = { left: 64, width: 780, height: 220 } as const;
const ROW = 20;
const BETWEEN = 80;
/** Colours that people who cannot tell red from green can distinguish (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'] as const;
/** Bars per decade of time: a logarithmic scale shows 100 ms and 30 s in one picture. */
const BARS_A_DECADE = 8;

/** One self-contained file with two pictures: claims over time, and how long claims took. */
export function toSvg(runs: readonly SimulationRun[]): string {
  const first = runs.length * ROW + 50;
  const second = first + PANEL.height + BETWEEN;
  const height = second + PANEL.height + 40;
  const title = `Claims of ${runs.map(nameOf).join('; ')}`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...legend(runs),
    ...claimsOverTime(runs, first),
    ...latencies(runs, second),
    '</svg>',
  ].join('\n')}\n`;
}

function legend(runs: readonly SimulationRun[]): string[] {
  return runs.flatMap((run, index) => {
    const y = 10 + index * ROW;
    const mark = `<rect x="${PANEL.left}" y="${y}" width="12" height="12" fill="${colour(index)}"/>`;
    return [mark, text(PANEL.left + 18, y + 10, nameOf(run))];
  });
}

function claimsOverTime(runs: readonly SimulationRun[], top: number): string[] {
  const longest = Math.max(1, ...runs.flatMap(({ samples }) => samples.map(([atMs]) => atMs)));
  const most = Math.max(1, ...runs.map(({ samples }) => samples.length));
  const x = (ms: number): string => (PANEL.left + (ms / longest) * PANEL.width).toFixed(1);
  const y = (count: number): string => (top + PANEL.height - (count / most) * PANEL.height).toFixed(1);
  const lines = runs.map(({ samples }, index) => {
    const steps = samples
      .map(([atMs]) => atMs)
      .sort((a, b) => a - b)
      .map((atMs, count) => `H${x(atMs)}V${y(count + 1)}`);
    return `<path d="M${x(0)} ${y(0)}${steps.join('')}" fill="none" stroke="${colour(index)}" stroke-width="2"/>`;
  });
  const ticks = ticksTo(longest).map((ms) => ({ at: x(ms), label: seconds(ms) }));
  return [...frame(top, 'Claims over time', ticks, ticksTo(most), y), ...lines];
}

function latencies(runs: readonly SimulationRun[], top: number): string[] {
  const all = runs.flatMap(({ samples }) => samples.map(([, tookMs]) => Math.max(1, tookMs)));
  const first = Math.floor(Math.log10(Math.min(...all, 1000)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...all, 1))));
  const bars = (last - first) * BARS_A_DECADE;
  const binOf = (ms: number): number =>
    Math.min(bars - 1, Math.max(0, Math.floor((Math.log10(Math.max(1, ms)) - first) * BARS_A_DECADE)));
  const shares = runs.map(({ samples }) => {
    const bins = new Array<number>(bars).fill(0);
    for (const [, tookMs] of samples) bins[binOf(tookMs)] = (bins[binOf(tookMs)] ?? 0) + 1;
    return bins.map((count) => (100 * count) / Math.max(1, samples.length));
  });
  const most = Math.max(1, ...shares.flat());
  const y = (share: number): string => (top + PANEL.height - (share / most) * PANEL.height).toFixed(1);
  const slot = PANEL.width / bars;
  const width = (slot * 0.9) / Math.max(1, runs.length);
  const rects = shares.flatMap((bins, run) =>
    bins.flatMap((share, bin) => {
      if (share === 0) return [];
      const x = (PANEL.left + bin * slot + run * width).toFixed(1);
      const height = ((share / most) * PANEL.height).toFixed(1);
      return `<rect x="${x}" y="${y(share)}" width="${width.toFixed(1)}" height="${height}" fill="${colour(run)}"/>`;
    }),
  );
  const ticks = Array.from({ length: last - first + 1 }, (_, decade) => ({
    at: (PANEL.left + decade * BARS_A_DECADE * slot).toFixed(1),
    label: seconds(10 ** (first + decade)),
  }));
  return [...frame(top, 'How long claims took (% of claims)', ticks, ticksTo(most), y), ...rects];
}

interface Tick {
  readonly at: string;
  readonly label: string;
}

function frame(
  top: number,
  title: string,
  across: readonly Tick[],
  up: readonly number[],
  y: (value: number) => string,
): string[] {
  const bottom = top + PANEL.height;
  const right = PANEL.left + PANEL.width;
  return [
    `<text x="${PANEL.left}" y="${top - 12}" font-size="14" font-weight="bold">${title}</text>`,
    ...up.map((value) => `<path d="M${PANEL.left} ${y(value)}H${right}" stroke="#dddddd"/>`),
    ...up.map((value) => text(PANEL.left - 8, Number(y(value)) + 4, String(value), 'end')),
    `<path d="M${PANEL.left} ${top}V${bottom}H${right}" fill="none" stroke="#444444"/>`,
    ...across.map(({ at, label }) => text(Number(at), bottom + 18, label, 'middle')),
  ];
}

/** About five round numbers up to the largest value. */
function ticksTo(greatest: number): number[] {
  const rough = greatest / 5;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= rough) ?? rough;
  const ticks: number[] = [];
  for (let at = 0; at <= greatest; at += step) ticks.push(Math.round(at * 1000) / 1000);
  return ticks;
}

function nameOf({ algorithm, agents, tasks, machines, source }: SimulationRun): string {
  const name = `${algorithm}, ${agents} x ${tasks}`;
  return `${name}${machines === 1 ? '' : `, ${machines} machines`}${source === 'measured' ? '' : ', modelled'}`;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? COLOURS[0];
}

function text(x: number, y: number, words: string, anchor = 'start'): string {
  return `<text x="${x}" y="${y}" fill="#333333" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
