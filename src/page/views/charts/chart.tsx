import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { momentOf } from '../times/clock.ts';
import { type ChartSpec, hasValues } from './chart-specs.ts';
import { drawNow, hasGaps, plotData, plotOptions } from './plot-options.ts';
import { Swatch } from './swatch.tsx';
import { valueText } from './units.ts';

/** All charts show the values of the time under the pointer. */
const GROUP = 'agentq';

interface ChartProps {
  readonly spec: ChartSpec;
  /** Length of an interval, in ms. */
  readonly stepMs: number;
  /** What is said under the title besides, such as when the work ends. */
  readonly remark?: string | undefined;
}

/** A chart with its title, what its colours mean, and the values of the time under the pointer or the arrow keys. */
export function Chart({ spec, stepMs, remark }: ChartProps) {
  const index = useSignal<number | null>(null);
  const isEmpty = !hasValues(spec);
  const at = index.value;
  const time = at === null ? undefined : spec.times[at];
  const values = spec.lines.map((line) => ({ ...line, value: at === null ? undefined : line.values[at] }));
  return (
    <figure class="chart panel" aria-labelledby={`chart-${spec.id}`}>
      <figcaption>
        <h3 id={`chart-${spec.id}`} title={spec.about}>
          {spec.title}
        </h3>
        <p class="chart-when">{time === undefined ? remark : timeText(time, spec, stepMs)}</p>
        {!isEmpty && (
          <ul class="chart-legend">
            {values.map(({ label, colour, shape, value }) => (
              <li key={label}>
                <Swatch colour={colour} shape={shape} />
                {label}
                {time !== undefined && <b>{valueText(value, spec.unit)}</b>}
              </li>
            ))}
          </ul>
        )}
      </figcaption>
      {isEmpty ? (
        <p class="chart-empty">{spec.empty}</p>
      ) : (
        <Plot spec={spec} index={at} onIndex={(next) => (index.value = next)} />
      )}
    </figure>
  );
}

interface PlotProps {
  readonly spec: ChartSpec;
  readonly index: number | null;
  readonly onIndex: (index: number | null) => void;
}

function Plot({ spec, index, onIndex }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef({ spec, onIndex });
  newest.current = { spec, onIndex };
  // uPlot is told once what a line looks like: points depend on its values.
  const shape = spec.lines.map(({ values }) => hasGaps(values)).join();

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const options = plotOptions(() => newest.current.spec, element.clientWidth, GROUP);
    const show = (drawn: uPlot): void => newest.current.onIndex(drawn.cursor.idx ?? null);
    const made = new uPlot(
      { ...options, hooks: { setCursor: [show], draw: [(drawn) => drawNow(drawn, newest.current.spec)] } },
      plotData(newest.current.spec),
      element,
    );
    plot.current = made;
    const sizes = new ResizeObserver(() => {
      if (element.clientWidth !== made.width) made.setSize({ width: element.clientWidth, height: made.height });
    });
    sizes.observe(element);
    const themes = new MutationObserver(() => made.redraw());
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
      made.destroy();
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData(plotData(spec));
  }, [spec]);

  const moveTo = (next: number): void => {
    const drawn = plot.current;
    const time = drawn?.data[0][Math.max(0, Math.min(spec.times.length - 1, next))];
    if (drawn && time !== undefined) drawn.setCursor({ left: drawn.valToPos(time, 'x'), top: 0 });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -spec.times.length, End: spec.times.length }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    moveTo((index ?? (step > 0 ? -1 : spec.times.length)) + step);
  };
  return (
    <div
      ref={host}
      class="chart-plot"
      role="img"
      aria-label={`${spec.title}. ${spec.about} The values are in the table below the charts.`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
    />
  );
}

/** `14:00 to 14:30` for what is counted in a part, `14:30` for what is so at a time. */
function timeText(time: number, { id, times, to }: ChartSpec, stepMs: number): string {
  if (id === 'burn-up') return momentOf(time, Math.min(to, times.at(-2) ?? to));
  const from = momentOf(time - stepMs / 2, to);
  return `${from} to ${momentOf(time + stepMs / 2, Math.floor(time - stepMs / 2))}`;
}
