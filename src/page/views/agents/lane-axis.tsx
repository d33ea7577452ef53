import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { sparkline } from '../charts/sparkline.ts';
import { ticksIn } from '../times/ticks.ts';
import type { Period } from './lanes.ts';

interface LaneAxisProps {
  readonly period: Period;
  /** Agents that had a task, in each part of the window. */
  readonly busy: readonly number[];
}

const SIZE = { width: 400, height: 30 } as const;

/** Pixels between two marks. */
const TICK_ROOM = 76;

/** The head of the timeline: its time, and how many agents had a task. */
export function LaneAxis({ period, busy }: LaneAxisProps) {
  const host = useRef<HTMLDivElement>(null);
  const width = useSignal(600);
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const sizes = new ResizeObserver(() => (width.value = element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [width]);
  const { line, area } = sparkline(busy, SIZE);
  const ticks = ticksIn(period.from, period.to, Math.max(1, Math.floor(width.value / TICK_ROOM)));
  const most = busy.reduce((highest, count) => Math.max(highest, count), 0);
  return (
    <div class="lane-head agent-grid">
      <span class="lane-head-label">agent</span>
      <span class="lane-head-label lane-head-task">task</span>
      <div class="lane-axis" ref={host}>
        <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} preserveAspectRatio="none" role="img">
          <title>{`Agents with a task over time: at most ${most} at once`}</title>
          <path class="spark-area" d={area} />
          <path class="spark-line" d={line} />
        </svg>
        <span class="lane-most">{most === 0 ? '' : `with a task, at most ${most} at once`}</span>
        {ticks
          .filter(({ percent }) => percent < 100 - (TICK_ROOM / width.value) * 100)
          .map(({ at, percent, label, isDay }) => (
            <span key={at} class={isDay ? 'lane-tick is-day' : 'lane-tick'} style={{ left: `${percent}%` }}>
              {label}
            </span>
          ))}
        <span class="lane-now">now</span>
      </div>
      <span class="lane-head-label lane-head-numbers">
        <span>done</span>
        <span>failed</span>
        <span>idle</span>
      </span>
    </div>
  );
}
