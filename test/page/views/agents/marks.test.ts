import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoardSpan } from '../../../../src/domain/dashboard/board.ts';
import { type Bar, laneOf } from '../../../../src/page/views/agents/lanes.ts';
import { backgroundOf, endsOf, marksOf, taskOf } from '../../../../src/page/views/agents/marks.ts';

const start = Date.parse('2026-12-01T00:00:00Z');
/** 10 s are a hundredth of it. */
const window = { from: start, to: start + 1_000_000 };
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

function barsOf(...spans: readonly (readonly [from: number, to: number | null, end?: BoardSpan['end']])[]) {
  return laneOf(
    {
      spans: spans.map(([from, to, end = 'completed'], n) => ({
        task: `shop/T-${n}`,
        from: at(from),
        to: to === null ? null : at(to),
        end,
      })),
    },
    window,
  ).bars;
}

const taskNames = (bars: readonly Bar[]): string[] => bars.map(({ task }) => task);

describe('marks', () => {
  it('are the bars where these can be told apart', () => {
    const bars = barsOf([0, 60], [61, 63], [80, 140], [300, 302], [320, 322]);
    expect(marksOf(bars).map((mark) => mark.bars)).toEqual(bars.map((bar) => [bar]));
  });

  it('have narrow bars that follow each other, up to a width', () => {
    const bars = barsOf([0, 3], [4, 6], [7, 9], [10, 13], [14, 16], [17, 19], [100, 102]);
    expect(marksOf(bars).map((mark) => taskNames(mark.bars))).toEqual([
      ['shop/T-0', 'shop/T-1', 'shop/T-2', 'shop/T-3'],
      ['shop/T-4', 'shop/T-5'],
      ['shop/T-6'],
    ]);
  });

  it('never have what the agent has now', () => {
    const bars = barsOf([990, 992], [993, 995], [998, null, 'open']);
    expect(marksOf(bars).map((mark) => mark.bars.length)).toEqual([2, 1]);
  });

  it('have every bar once, stay within the bars, and are few however many these are', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 30 }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 60 }), (times) => {
        const bars = barsOf(...times.map(([from, length]) => [from, from + length] as const));
        const marks = marksOf(bars);
        expect(taskNames(marks.flatMap((mark) => mark.bars)).sort()).toEqual(taskNames(bars).sort());
        for (const mark of marks) {
          const { left, width, row, from, to } = mark;
          const rights = mark.bars.map((bar) => bar.left + bar.width);
          expect([left, from]).toEqual([mark.bars[0].left, mark.bars[0].from]);
          expect(left + width).toBeCloseTo(Math.max(...rights), 6);
          expect(to).toBe(Math.max(...mark.bars.map((bar) => bar.to)));
          expect(mark.bars.every((bar) => bar.row === row)).toBe(true);
          if (mark.bars.length > 1) expect(width).toBeLessThanOrEqual(1.4 + 1e-9);
        }
      }),
    );
    const many = barsOf(...Array.from({ length: 5_000 }, (_, n) => [n * 0.2, n * 0.2 + 0.15] as const));
    expect(marksOf(many).length).toBeLessThan(100);
  });
});

describe('a mark of several bars', () => {
  const bars = barsOf([0, 1], [1, 2, 'failed'], [2, 3], [3, 4]) as unknown as [Bar, ...Bar[]];

  it('is coloured by how they ended', () => {
    expect(endsOf(bars)).toEqual([
      { end: 'completed', count: 3 },
      { end: 'failed', count: 1 },
    ]);
    expect(backgroundOf(bars)).toBe('linear-gradient(to top, var(--completed) 0% 75%, var(--blocked) 75% 100%)');
  });

  it('opens what went wrong', () => {
    expect(taskOf(bars)).toBe('shop/T-1');
    expect(taskOf([bars[0]])).toBe('shop/T-0');
  });
});
