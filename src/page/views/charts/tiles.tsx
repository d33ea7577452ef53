import { useMemo } from 'preact/hooks';
import type { SeriesFigures } from '../../../domain/dashboard/board.ts';
import { sparkline } from './sparkline.ts';
import { type Unit, valueText } from './units.ts';

/** A figure with what it was over time. */
interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly about?: string;
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

const SIZE = { width: 120, height: 28 } as const;

/** The totals of the window. */
export function Tiles({ figures, end }: { readonly figures: SeriesFigures; readonly end: string }) {
  const { totals } = figures;
  const left = Math.max(0, (figures.scope.at(-1) ?? 0) - (figures.done.at(-1) ?? 0));
  const text = (value: number | null, unit: Unit): string => valueText(value, unit);
  return (
    <ul class="tiles" aria-label="Totals">
      <Tile
        label="Completed"
        value={text(totals.completions, 'count')}
        about={totals.tasksPerHour === null ? '' : `${text(totals.tasksPerHour, 'count')} an hour`}
        colour="completed"
        values={figures.completions}
      />
      <Tile label="Open" value={text(left, 'count')} about={end} colour="accent" values={openOf(figures)} />
      <Tile
        label="Conflict rate"
        value={text(totals.conflictRate, 'share')}
        colour="asking"
        values={figures.conflictRate}
      />
      <Tile
        label="Claim latency"
        value={text(totals.latencyP50, 'duration')}
        about={totals.latencyP95 === null ? '' : `p95 ${text(totals.latencyP95, 'duration')}`}
        colour="ready"
        values={figures.latencyP50}
      />
      <Tile
        label="Work on a task"
        value={text(totals.workP50, 'duration')}
        about="median"
        colour="claimed"
        values={figures.workP50}
      />
      <Tile
        label="Lead time"
        value={text(totals.leadP50, 'duration')}
        about="median"
        colour="accent"
        values={figures.leadP50}
      />
      <Tile label="Failures" value={text(totals.failures, 'count')} colour="blocked" values={figures.failures} />
      <Tile label="Stalls" value={text(totals.stalls, 'count')} colour="stalled" values={figures.stalls} />
    </ul>
  );
}

function Tile({ label, value, about, colour, values }: TileProps) {
  const { line, area } = useMemo(() => sparkline(values, SIZE), [values]);
  return (
    <li class="tile panel">
      <span class="tile-label">{label}</span>
      <strong class="tile-value">{value}</strong>
      <span class="tile-about">{about}</span>
      {line !== '' && (
        <svg
          class="tile-spark"
          viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          style={{ color: `var(--${colour})` }}
        >
          <path class="spark-area" d={area} />
          <path class="spark-line" d={line} />
        </svg>
      )}
    </li>
  );
}

function openOf({ scope, done }: SeriesFigures): number[] {
  return scope.map((tasks, at) => Math.max(0, tasks - (done[at] ?? 0)));
}
