import type { BoardSpan } from '../../../domain/dashboard/board.ts';
import { END_LOOKS, ENDS } from './ends.ts';
import type { Bar, Period } from './lanes.ts';

/** What is drawn at one place of a lane: one bar, or several that would be too narrow to tell apart. */
export interface Mark extends Period {
  /** Oldest first, at least one. */
  readonly bars: readonly [Bar, ...Bar[]];
  /** As those of {@link Bar}. */
  readonly left: number;
  readonly width: number;
  readonly isCut: boolean;
  readonly row: number;
}

/** Bars below this width (% of the lane, some 5 px) are little more than their border. */
const NARROW = 0.7;

/** Between bars that are merged there is no more room than this. */
const MOST_GAP = 0.4;

/** Bars that are merged are this wide together at most: a pointer finds them, and the time is still seen. */
const MERGED = 1.4;

/** The bars of a lane, narrow ones that follow each other in one mark. What an agent has now is never merged. */
export function marksOf(bars: readonly Bar[]): readonly Mark[] {
  const marks: { bars: [Bar, ...Bar[]]; from: number; to: number; left: number; width: number; row: number }[] = [];
  const last = new Map<number, (typeof marks)[number]>();
  for (const bar of bars) {
    const mark = last.get(bar.row);
    const right = bar.left + bar.width;
    if (
      mark !== undefined &&
      isNarrow(bar) &&
      isNarrow(mark.bars[0]) &&
      bar.left - (mark.left + mark.width) <= MOST_GAP &&
      right - mark.left <= MERGED
    ) {
      mark.bars.push(bar);
      mark.to = Math.max(mark.to, bar.to);
      mark.width = Math.max(mark.width, right - mark.left);
      continue;
    }
    const { from, to, left, width, row } = bar;
    const next = { bars: [bar] as [Bar, ...Bar[]], from, to, left, width, row };
    marks.push(next);
    last.set(row, next);
  }
  return marks.map((mark) => ({ ...mark, isCut: mark.bars[0].isCut }));
}

/** How many of the bars ended how, in the order of the legend. */
export function endsOf(bars: readonly Bar[]): readonly { readonly end: BoardSpan['end']; readonly count: number }[] {
  return ENDS.map((end) => ({ end, count: bars.filter((bar) => bar.end === end).length })).filter(
    ({ count }) => count > 0,
  );
}

/** The colours of a mark of several bars, from below: each as high as its share of them. */
export function backgroundOf(bars: readonly Bar[]): string {
  let below = 0;
  const stops = endsOf(bars).map(({ end, count }) => {
    const from = below;
    below += (count / bars.length) * 100;
    return `var(--${END_LOOKS[end].colour}) ${percent(from)} ${percent(below)}`;
  });
  return `linear-gradient(to top, ${stops.join(', ')})`;
}

/** The task that a click on several bars opens: the last one that went wrong, else the last. */
export function taskOf(bars: Mark['bars']): string {
  const wrong = bars.filter(({ end }) => end === 'failed' || end === 'stalled');
  return (wrong.at(-1) ?? bars.at(-1) ?? bars[0]).task;
}

/** Whether a bar is drawn without a border, and may be merged with others. */
export function isNarrow({ width, end }: Bar): boolean {
  return width < NARROW && end !== 'open';
}

function percent(share: number): string {
  return `${Math.round(share * 100) / 100}%`;
}
