import { approximateDuration } from '../../domain/base/duration.ts';
import { endTime, exactTime } from '../format/times.ts';
import { counted, rate, STATE_WORDS } from '../format/words.ts';
import { StateDot } from '../parts/state.tsx';
import { board, filters, now, shownCounts, shownSeries } from '../state/board-state.ts';
import { progressOf } from '../state/columns.ts';
import { roughly } from '../views/charts/forecast.ts';

/** How far the queue is, at one glance. */
export function Overview() {
  const counts = shownCounts.value;
  const { project } = filters.value;
  const open = counts.total - counts.cancelled;
  return (
    <section class="overview" aria-labelledby="overview-title">
      <h2 id="overview-title" class="hidden">
        Progress of {project ?? 'the queue'}
      </h2>
      <p class="percent">
        <strong>{counts.percent}</strong>
        <span class="percent-sign">%</span>
        <span class="percent-of">
          {counts.completed.toLocaleString('en')} of {counted(open, 'task')}
        </span>
      </p>
      <div class="overview-bar">
        <Progress />
        <Batches />
      </div>
      <Pace />
    </section>
  );
}

function Progress() {
  const parts = progressOf(shownCounts.value).filter(({ count }) => count > 0);
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  const said = parts.map(({ state, count }) => `${count} ${STATE_WORDS[state].toLowerCase()}`).join(', ');
  return (
    <>
      <div class="segments" role="img" aria-label={all === 0 ? 'No tasks' : said}>
        {parts.map(({ state, count }) => (
          <span
            key={state}
            class={`segment state-${state}`}
            style={{ flexGrow: String(count) }}
            title={`${STATE_WORDS[state]}: ${count} of ${all}`}
          />
        ))}
      </div>
      <ul class="legend" aria-hidden="true">
        {parts.map(({ state, count }) => (
          <li key={state}>
            <StateDot state={state} />
            {STATE_WORDS[state]} <b>{count.toLocaleString('en')}</b>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The waves of a project that is filtered by. */
function Batches() {
  const { project } = filters.value;
  const batches = board.value.projects.find((one) => one.project === project)?.batches ?? [];
  if (batches.length === 0) return null;
  return (
    <ul class="batches" aria-label="Batches">
      {batches.map(({ batch, completed, total, percent }) => (
        <li key={batch} title={`${completed} of ${total} complete`}>
          <span class="batch-name">{batch}</span>
          <span class="meter" aria-hidden="true">
            <span style={{ width: `${percent}%` }} />
          </span>
          <b>{percent}%</b>
        </li>
      ))}
    </ul>
  );
}

function Pace() {
  const { totals, completions } = shownSeries.value;
  const { percent } = shownCounts.value;
  const { pace, tasksPerHour, leftMs } = totals;
  const perHour = pace?.perHour ?? tasksPerHour;
  const end = leftMs === null ? undefined : endTime(now.value + leftMs, leftMs);
  return (
    <div class="pace">
      <Spark values={completions} />
      <dl>
        <div>
          <dt>Rate</dt>
          <dd title={pace === null ? 'in the period shown' : `since ${exactTime(pace.from)}`}>
            {perHour === null ? '–' : rate(perHour)} <small>/ h</small>
          </dd>
        </div>
        <div>
          <dt>{percent === 100 || leftMs === 0 ? 'Open' : 'Time left'}</dt>
          <dd title={end === undefined ? 'nothing was completed in this period' : `at this rate: ${end}`}>
            {leftMs === null ? '–' : leftMs === 0 ? 'nothing' : `≈ ${approximateDuration(roughly(leftMs))}`}
            {end !== undefined && leftMs !== 0 && <small> {end}</small>}
          </dd>
        </div>
      </dl>
    </div>
  );
}

/** Completions over time, as small bars: the charts have them with numbers. */
function Spark({ values }: { readonly values: readonly number[] }) {
  const highest = Math.max(1, ...values);
  const step = Math.max(1, Math.ceil(values.length / 32));
  const bars = Array.from({ length: Math.ceil(values.length / step) }, (_, at) =>
    Math.max(0, ...values.slice(at * step, (at + 1) * step)),
  );
  return (
    <div class="spark" aria-hidden="true">
      {bars.map((value, at) => (
        // Bars have no name but their place.
        <i key={at} style={{ height: `${Math.max(6, (value / highest) * 100)}%` }} class={value === 0 ? 'none' : ''} />
      ))}
    </div>
  );
}
