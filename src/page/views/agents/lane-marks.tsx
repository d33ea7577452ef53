import { useMemo } from 'preact/hooks';
import { counted } from '../../format/words.ts';
import { open } from '../../state/board-state.ts';
import { durationText } from '../charts/units.ts';
import { momentOf } from '../times/clock.ts';
import { END_LOOKS } from './ends.ts';
import type { Bar, Lane } from './lanes.ts';
import { backgroundOf, endsOf, isNarrow, type Mark, marksOf, taskOf } from './marks.ts';
import type { TaskTest } from './passing.ts';

interface LaneMarksProps {
  readonly agent: string;
  readonly lane: Lane;
  /** End of the window, in ms. */
  readonly to: number;
  /** Other tasks are faint. undefined: none is. */
  readonly passes: TaskTest | undefined;
}

/**
 * The timeline of an agent. Its marks are one stop of the tab key: arrows lead from one to the next, and to those of
 * the agents above and below.
 */
export function LaneMarks({ agent, lane, to, passes }: LaneMarksProps) {
  const marks = useMemo(() => marksOf(lane.bars), [lane]);
  return (
    // The keys are those of the buttons inside.
    <div
      class="lane"
      role="group"
      aria-label={`Tasks of ${agent}`}
      onKeyDown={moveFocus}
      style={{ '--rows': lane.rows }}
    >
      {marks.map((mark, at) => {
        const [first, ...others] = mark.bars;
        const text = others.length === 0 ? textOf(first, to) : textOfMany(mark, to);
        const isFaint = passes !== undefined && !mark.bars.some(({ task }) => passes(task));
        // Of narrow ones only the colours are seen.
        const isSolid = others.length > 0 || isNarrow(first);
        const look = isSolid ? 'bar-solid' : `end-${first.end} tone-${END_LOOKS[first.end].colour}`;
        return (
          <button
            key={`${first.task} ${first.from}`}
            type="button"
            class={`bar ${look}${mark.isCut ? ' is-cut' : ''}${isFaint ? ' is-faint' : ''}`}
            tabIndex={at === marks.length - 1 ? 0 : -1}
            title={text}
            aria-label={text}
            onClick={() => open(taskOf(mark.bars))}
            style={{
              left: `min(${mark.left}%, 100% - 3px)`,
              width: `${mark.width}%`,
              '--row': mark.row,
              ...(isSolid && { '--ends': backgroundOf(mark.bars) }),
            }}
          >
            {mark.width > 1 && others.length === 0 && (
              <span aria-hidden="true">{first.task.slice(first.task.indexOf('/') + 1)}</span>
            )}
          </button>
        );
      })}
    </div>
  );
}

function moveFocus(event: KeyboardEvent): void {
  const from = event.target;
  if (!(from instanceof HTMLElement)) return;
  const to = neighbourOf(from, event.key);
  if (!(to instanceof HTMLElement)) return;
  event.preventDefault();
  to.focus();
}

function neighbourOf(bar: HTMLElement, key: string): Element | null | undefined {
  if (key === 'ArrowLeft') return bar.previousElementSibling;
  if (key === 'ArrowRight') return bar.nextElementSibling;
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const left = leftOf(bar);
  const lanes = [...(bar.closest('ul')?.querySelectorAll('.lane') ?? [])].filter(
    (lane) => lane.firstElementChild !== null,
  );
  const lane = lanes[lanes.indexOf(bar.closest('.lane') as Element) + (key === 'ArrowUp' ? -1 : 1)];
  const bars = [...(lane?.querySelectorAll<HTMLElement>('.bar') ?? [])];
  const distance = (one: HTMLElement): number => Math.abs(leftOf(one) - left);
  return bars.sort((a, b) => distance(a) - distance(b))[0];
}

function leftOf(bar: HTMLElement): number {
  return bar.getBoundingClientRect().left;
}

function textOf({ task, from, to: until, end, isCut }: Bar, to: number): string {
  const began = isCut ? `before ${momentOf(from, to)}` : momentOf(from, to);
  const ended = end === 'open' ? 'until now' : `to ${momentOf(until, to)}`;
  return `${task}: ${END_LOOKS[end].label}, ${began} ${ended} (${durationText(until - from)})`;
}

function textOfMany({ bars, from, to: until }: Mark, to: number): string {
  const ends = endsOf(bars).map(({ end, count }) => `${count} ${END_LOOKS[end].label}`);
  return `${counted(bars.length, 'task')}, ${momentOf(from, to)} to ${momentOf(until, to)}: ${ends.join(', ')}; opens ${taskOf(bars)}`;
}
