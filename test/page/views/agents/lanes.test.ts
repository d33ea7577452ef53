import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoardSpan } from '../../../../src/domain/dashboard/board.ts';
import { busyIn, laneOf } from '../../../../src/page/views/agents/lanes.ts';

const start = Date.parse('2026-12-01T00:00:00Z');
const window = { from: start, to: start + 10_000 };
const at = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

function span(from: number | null, to: number | null, end: BoardSpan['end'] = 'completed'): BoardSpan {
  return { task: 'shop/T-1', from: from === null ? null : at(from), to: to === null ? null : at(to), end };
}

describe('a lane', () => {
  it('shows spans as shares of the window', () => {
    const { bars, idle, rows } = laneOf({ spans: [span(1, 3), span(8, null, 'open')] }, window);
    expect(bars.map(({ left, width, end }) => [left, width, end])).toEqual([
      [10, 20, 'completed'],
      [80, 20, 'open'],
    ]);
    expect([idle, rows]).toEqual([0.6, 1]);
  });

  it('cuts what began before the window or goes on', () => {
    const { bars, busyMs } = laneOf({ spans: [span(null, 2), span(-5, 1), span(9, 30)] }, window);
    expect(bars.map(({ left, width, isCut }) => [left, width, isCut])).toEqual([
      [0, 20, true],
      [0, 10, true],
      [90, 10, false],
    ]);
    expect(busyMs).toBe(3_000);
  });

  it('leaves out what is not of the window', () => {
    expect(laneOf({ spans: [span(-5, -1), span(12, 13)] }, window)).toEqual({ bars: [], rows: 1, busyMs: 0, idle: 1 });
  });

  it('puts spans of one time below each other', () => {
    const { bars, rows, busyMs } = laneOf({ spans: [span(0, 4), span(2, 6), span(4, 5)] }, window);
    expect(bars.map(({ row }) => row)).toEqual([0, 1, 0]);
    expect([rows, busyMs]).toEqual([2, 6_000]);
  });

  it('never draws beside the window, and no two bars on each other unless there are too many', () => {
    const time = fc.option(fc.integer({ min: -20, max: 20 }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time), { maxLength: 12 }), (times) => {
        const { bars, idle, rows } = laneOf({ spans: times.map(([from, to]) => span(from, to)) }, window);
        expect(idle).toBeGreaterThanOrEqual(0);
        expect(idle).toBeLessThanOrEqual(1);
        for (const { left, width } of bars) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(left + width).toBeLessThanOrEqual(100.000_001);
        }
        for (let row = 0; row < rows && rows < 4; row++) {
          const own = bars.filter((bar) => bar.row === row);
          for (const [number, bar] of own.entries()) expect(bar.from).toBeGreaterThanOrEqual(own[number - 1]?.to ?? 0);
        }
      }),
    );
  });
});

describe('agents at work at a time', () => {
  it('are counted once each', () => {
    const one = laneOf({ spans: [span(0, 4), span(2, 6)] }, window);
    const other = laneOf({ spans: [span(5, null, 'open')] }, window);
    expect(busyIn([one, other], window, 5)).toEqual([1, 1, 2, 2, 1]);
  });

  it('are none in a window without length', () => {
    expect(busyIn([], { from: start, to: start }, 3)).toEqual([0, 0, 0]);
  });
});
