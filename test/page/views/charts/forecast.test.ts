import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesFigures } from '../../../../src/domain/dashboard/board.ts';
import { chartSpecs, hasValues } from '../../../../src/page/views/charts/chart-specs.ts';
import { forecastOf, roughly, shownEnd } from '../../../../src/page/views/charts/forecast.ts';

const HOUR = 3_600_000;
const from = Date.parse('2026-12-01T00:00:00Z');
const to = from + 4 * HOUR;

function figures(changes: Partial<SeriesFigures> = {}, leftMs: number | null = 2 * HOUR): SeriesFigures {
  const none = [null, null, null, null];
  const zeros = [0, 0, 0, 0];
  return {
    claims: zeros,
    completions: zeros,
    failures: zeros,
    stalls: zeros,
    conflictRate: none,
    latencyP50: none,
    latencyP95: none,
    workP50: none,
    leadP50: none,
    scope: [10, 10, 12, 12],
    done: [0, 3, 6, 8],
    totals: {
      claims: 0,
      completions: 8,
      failures: 0,
      stalls: 0,
      conflictRate: null,
      latencyP50: null,
      latencyP95: null,
      workP50: null,
      leadP50: null,
      tasksPerHour: 2,
      pace: null,
      leftMs,
    },
    ...changes,
  };
}

const series = { from: '2026-12-01T00:00:00Z', stepMs: HOUR, parts: 4 };

describe('the forecast', () => {
  it('ends when the totals say', () => {
    expect(forecastOf(figures(), to)).toEqual({
      kind: 'end',
      from: { at: to, tasks: 8 },
      to: { at: to + 2 * HOUR, tasks: 12 },
    });
  });

  it('knows no end where nothing is completed, and none that is centuries away', () => {
    expect(forecastOf(figures({}, null), to).kind).toBe('never');
    expect(forecastOf(figures({}, 1e18), to).kind).toBe('never');
    expect(forecastOf(figures({ done: [0, 0, 0, 12] }, 0), to).kind).toBe('done');
  });

  it('is drawn on its line, and takes no more room than the past', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 500 }), (hours, open) => {
        const line = { from: { at: to, tasks: 8 }, to: { at: to + hours * HOUR, tasks: 8 + open } };
        const end = shownEnd(line, 4 * HOUR);
        expect(end.at).toBeLessThanOrEqual(to + 4 * HOUR);
        expect(end.isEnd).toBe(hours <= 4);
        expect((end.tasks - 8) / (end.at - to)).toBeCloseTo(open / (hours * HOUR), 12);
      }),
    );
  });
});

describe('the charts', () => {
  const specsOf = (own: SeriesFigures) => chartSpecs({ series, figures: own, forecast: forecastOf(own, to), to });

  it('have a value for each of their times', () => {
    for (const left of [null, 0, HOUR, 100 * HOUR]) {
      for (const { times, lines } of specsOf(figures({}, left))) {
        expect(lines.map(({ values }) => values.length)).toEqual(lines.map(() => times.length));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }
    }
  });

  it('lead from what is done to the end of the work', () => {
    const burnUp = specsOf(figures()).find(({ id }) => id === 'burn-up');
    expect(burnUp?.to).toBe(to + 2 * HOUR);
    expect(burnUp?.lines.map(({ label, values }) => [label, values])).toEqual([
      ['scope', [10, 10, 12, 12, 12]],
      ['done', [0, 3, 6, 8, null]],
      ['expected', [null, null, null, 8, 12]],
    ]);
  });

  it('say so where there is nothing to draw; no conflict at all is worth a picture', () => {
    const empty = specsOf(figures()).filter((spec) => !hasValues(spec));
    expect(empty.map(({ id }) => id)).toEqual(['throughput', 'conflicts', 'latency', 'times', 'trouble']);
    const calm = specsOf(figures({ conflictRate: [null, 0, 0, null] }));
    expect(calm.filter(hasValues).map(({ id }) => id)).toEqual(['burn-up', 'conflicts']);
  });
});

it('says of a time that is left what anybody can know', () => {
  expect([5 * HOUR + 35.6 * 60_000, 19 * HOUR + 400_000, 75 * HOUR].map(roughly)).toEqual([
    5 * HOUR + 36 * 60_000,
    19 * HOUR,
    72 * HOUR,
  ]);
});
