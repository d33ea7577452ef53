import type { BoardSeries, SeriesFigures } from '../../../domain/dashboard/board.ts';
import { type Forecast, shownEnd } from './forecast.ts';
import type { Unit } from './units.ts';

/** One row of values over time. */
export interface ChartLine {
  readonly label: string;
  /** Name of a variable of the style sheet, without the dashes in front. */
  readonly colour: string;
  readonly shape: 'bars' | 'line' | 'area' | 'steps' | 'dashes';
  /** One for each time of its chart. */
  readonly values: readonly (number | null)[];
}

/** What a chart shows. */
export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  /** One sentence: how to read it. */
  readonly about: string;
  readonly unit: Unit;
  /** ms since the epoch, ascending. */
  readonly times: readonly number[];
  /** What is in the picture, in ms since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly ChartLine[];
  /** Where a line parts the past from what is expected, in ms since the epoch. */
  readonly now?: number;
  /** What is said instead of a picture if there is nothing to draw. */
  readonly empty: string;
}

/** What the charts of one board are made of. Times are ms since the epoch. */
export interface ChartSources {
  readonly series: Pick<BoardSeries, 'from' | 'stepMs' | 'parts'>;
  readonly figures: SeriesFigures;
  readonly forecast: Forecast;
  /** End of the window. */
  readonly to: number;
}

/** The charts over time, in the order of the page. Each has the same lines for every board. */
export function chartSpecs({ series, figures, forecast, to }: ChartSources): ChartSpec[] {
  const from = Date.parse(series.from);
  const middles = timesOf(series, 0.5);
  const shared = { times: middles, from, to: Math.max(to, from + series.stepMs * series.parts) };
  return [
    {
      ...shared,
      id: 'throughput',
      title: 'Throughput',
      about: 'Tasks that were claimed and completed in each interval.',
      unit: 'count',
      lines: [
        { label: 'claims', colour: 'claimed', shape: 'bars', values: figures.claims },
        { label: 'completions', colour: 'completed', shape: 'bars', values: figures.completions },
      ],
      empty: 'No claim and no completion in this period.',
    },
    burnUp(shared.from, series, figures, forecast, to),
    {
      ...shared,
      id: 'conflicts',
      title: 'Conflict rate',
      about: 'Share of the pushes of claims that were rejected because another push was first.',
      unit: 'share',
      lines: [{ label: 'conflict rate', colour: 'asking', shape: 'area', values: figures.conflictRate }],
      empty: 'No claim in this period.',
    },
    {
      ...shared,
      id: 'latency',
      title: 'Claim latency',
      about: 'How long a claim took: half of the claims took less than the median, and 5 % more than p95.',
      unit: 'duration',
      lines: [
        { label: 'p95', colour: 'review', shape: 'line', values: figures.latencyP95 },
        { label: 'median', colour: 'ready', shape: 'area', values: figures.latencyP50 },
      ],
      empty: 'No claim in this period.',
    },
    {
      ...shared,
      id: 'times',
      title: 'Time per task',
      about: 'Medians: work is from the claim to the completion or review, lead time from adding to completion.',
      unit: 'duration',
      lines: [
        { label: 'lead time', colour: 'accent', shape: 'line', values: figures.leadP50 },
        { label: 'work', colour: 'claimed', shape: 'area', values: figures.workP50 },
      ],
      empty: 'No completion in this period.',
    },
    {
      ...shared,
      id: 'trouble',
      title: 'Failures and stalls',
      about: 'Commands of workers that failed, and claims that were taken back because they had no heartbeat.',
      unit: 'count',
      lines: [
        { label: 'failures', colour: 'blocked', shape: 'bars', values: figures.failures },
        { label: 'stalls', colour: 'stalled', shape: 'bars', values: figures.stalls },
      ],
      empty: 'No failure and no stall in this period.',
    },
  ];
}

/** Whether any line has something to draw. */
export function hasValues({ lines, unit }: ChartSpec): boolean {
  // Bars of nothing are no picture. A conflict rate of nothing is good news.
  return lines.some(({ values, shape }) =>
    values.some((value) => value !== null && (value !== 0 || (unit !== 'count' && shape !== 'bars'))),
  );
}

/** Where in each part a value is drawn: 0 is its start, 1 its end. In ms since the epoch. */
export function timesOf({ from, stepMs, parts }: ChartSources['series'], place: number): number[] {
  const start = Date.parse(from);
  return Array.from({ length: parts }, (_, part) => start + (part + place) * stepMs);
}

/** How much there is to do and how much is done, with a line on to the end. */
function burnUp(
  from: number,
  series: ChartSources['series'],
  figures: SeriesFigures,
  forecast: Forecast,
  to: number,
): ChartSpec {
  // The last part has not ended yet.
  const times = timesOf(series, 1).map((time) => Math.min(time, Math.max(to, from)));
  const end = forecast.kind === 'end' ? shownEnd(forecast, to - from) : undefined;
  const gaps = (values: readonly (number | null)[]): (number | null)[] => [...values, ...(end ? [null] : [])];
  const scope = figures.scope.at(-1) ?? null;
  const expected: (number | null)[] = times.map((_, at) => {
    return end !== undefined && at === times.length - 1 ? (figures.done.at(-1) ?? null) : null;
  });
  return {
    id: 'burn-up',
    title: 'Burn-up',
    about: 'All tasks except cancelled ones, those that are done, and what to expect at the present rate.',
    unit: 'count',
    times: end === undefined ? times : [...times, end.at],
    from,
    to: end?.at ?? to,
    ...(end && { now: to }),
    lines: [
      { label: 'scope', colour: 'waiting', shape: 'steps', values: [...figures.scope, ...(end ? [scope] : [])] },
      { label: 'done', colour: 'completed', shape: 'area', values: gaps(figures.done) },
      { label: 'expected', colour: 'accent', shape: 'dashes', values: [...expected, ...(end ? [end.tasks] : [])] },
    ],
    empty: 'No task yet.',
  };
}
