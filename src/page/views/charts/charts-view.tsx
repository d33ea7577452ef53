import { computed } from '@preact/signals';
import { approximateDuration } from '../../../domain/base/duration.ts';
import type { SeriesFigures } from '../../../domain/dashboard/board.ts';
import { board, filters, shownSeries } from '../../state/board-state.ts';
import { clockOf, dayOf, momentOf, startOfDay } from '../times/clock.ts';
import { Chart } from './chart.tsx';
import { chartSpecs, timesOf } from './chart-specs.ts';
import { type Forecast, forecastOf, roughly } from './forecast.ts';
import { Tiles } from './tiles.tsx';
import { durationText, valueText } from './units.ts';
import { ValuesTable } from './values-table.tsx';

/** What is drawn, worked out once for each board and project. */
const drawn = computed(() => {
  const { series, window, knownFrom } = board.value;
  const figures = shownSeries.value;
  const to = Date.parse(window.to);
  const forecast = forecastOf(figures, to);
  const specs = chartSpecs({ series, figures, forecast, to });
  return { series, figures, to, from: Date.parse(series.from), knownFrom, forecast, specs };
});

/** Figures over time, of the whole queue or of the project that is filtered by. */
export function ChartsView() {
  const { series, figures, to, from, knownFrom, forecast, specs } = drawn.value;
  const { project } = filters.value;
  const hasTasks = (figures.scope.at(-1) ?? 0) > 0;
  const end = hasTasks ? endText(forecast, to) : 'no task yet';
  const left = forecast.kind === 'end' && hasTasks ? `, in ${approximateDuration(roughly(forecast.to.at - to))}` : '';
  return (
    <section class="view charts-view" aria-labelledby="charts-title">
      <header class="view-head">
        <h2 id="charts-title">{project === null ? 'All projects' : project}</h2>
        <p>
          {momentOf(from, to)} to {from < startOfDay(to) ? `${dayOf(to, to)}, ${clockOf(to)}` : clockOf(to)}, in
          intervals of {durationText(series.stepMs)}
          {knownFrom !== null && `; this clone knows the history from ${momentOf(Date.parse(knownFrom), to)} on`}
        </p>
      </header>
      <Tiles figures={figures} end={end} />
      <div class="charts">
        {specs.map((spec) => (
          <Chart
            key={spec.id}
            spec={spec}
            stepMs={series.stepMs}
            remark={spec.id === 'burn-up' ? `${end}${left}` : totalText(spec.id, figures)}
          />
        ))}
      </div>
      <ValuesTable specs={specs} times={timesOf(series, 0)} to={to} />
    </section>
  );
}

/** When the work ends, as a date. */
function endText(forecast: Forecast, now: number): string {
  if (forecast.kind === 'done') return 'everything is done';
  if (forecast.kind === 'never') return 'no end in sight: nothing is completed';
  const { at } = forecast.to;
  // Nobody can know the minute of a day a month ahead.
  return `done ${at - now < 2 * 86_400_000 ? momentOf(at, now) : dayOf(at, now)}`;
}

function totalText(id: string, { totals }: SeriesFigures): string | undefined {
  switch (id) {
    case 'throughput':
      return `${valueText(totals.completions, 'count')} completed`;
    case 'conflicts':
      return totals.conflictRate === null ? undefined : `${valueText(totals.conflictRate, 'share')} of all`;
    case 'latency':
      return totals.latencyP50 === null ? undefined : `median ${valueText(totals.latencyP50, 'duration')}`;
    case 'times':
      return totals.workP50 === null ? undefined : `${valueText(totals.workP50, 'duration')} of work`;
    case 'trouble':
      return `${totals.failures} failed, ${totals.stalls} stalled`;
    default:
      return undefined;
  }
}
