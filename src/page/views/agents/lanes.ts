import type { BoardAgent, BoardSpan } from '../../../domain/dashboard/board.ts';

/** A period of time, in ms since the epoch. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** A span as it is drawn. Places are shares of the window from the left, 0 to 100. */
export interface Bar extends Period {
  readonly task: string;
  readonly end: BoardSpan['end'];
  readonly left: number;
  readonly width: number;
  /** It began before the window. */
  readonly isCut: boolean;
  /** Those of one row do not overlap. */
  readonly row: number;
}

/** What an agent did in the window. */
export interface Lane {
  /** Oldest first. */
  readonly bars: readonly Bar[];
  /** 1 or more. */
  readonly rows: number;
  /** Time in which it had a task, however many. */
  readonly busyMs: number;
  /** Share of the window, 0 to 1. */
  readonly idle: number;
}

/** Rows that a lane has at most: an agent that holds more has the rest drawn in the last one. */
const MOST_ROWS = 4;

/** What the agent did in the window, cut to it. */
export function laneOf({ spans }: Pick<BoardAgent, 'spans'>, window: Period): Lane {
  const length = window.to - window.from;
  if (!(length > 0)) return { bars: [], rows: 1, busyMs: 0, idle: 1 };
  const periods = spans
    .map((span) => ({ span, ...periodOf(span, window) }))
    .filter(({ from, to }) => to >= window.from && from <= window.to && to >= from)
    .sort((a, b) => a.from - b.from);
  const ends: number[] = [];
  const bars = periods.map(({ span, from, to }): Bar => {
    const row = rowFor(ends, from);
    ends[row] = Math.max(ends[row] ?? to, to);
    const left = ((from - window.from) / length) * 100;
    const width = ((to - from) / length) * 100;
    return { task: span.task, end: span.end, from, to, left, width, isCut: isCut(span, window), row };
  });
  const busyMs = covered(periods);
  return { bars, rows: Math.max(1, ends.length), busyMs, idle: 1 - busyMs / length };
}

/**
 * How many agents had a task in each part of the window: at the busiest moment of the part.
 * @param lanes of every agent
 */
export function busyIn(lanes: readonly Lane[], window: Period, parts: number): number[] {
  const step = (window.to - window.from) / parts;
  const counts = new Array<number>(parts).fill(0);
  if (!(step > 0)) return counts;
  for (const { bars } of lanes) {
    let next = 0;
    for (const { from, to } of bars) {
      const first = Math.max(next, Math.floor((from - window.from) / step));
      const last = Math.min(parts - 1, Math.floor((to - window.from) / step));
      for (let part = first; part <= last; part++) counts[part] = (counts[part] ?? 0) + 1;
      next = Math.max(next, last + 1);
    }
  }
  return counts;
}

function periodOf(span: BoardSpan, { from, to }: Period): Period {
  const began = span.from === null ? from : Date.parse(span.from);
  const ended = span.to === null ? to : Date.parse(span.to);
  return { from: Math.max(from, began), to: Math.min(to, ended) };
}

function isCut(span: BoardSpan, window: Period): boolean {
  return span.from === null || Date.parse(span.from) < window.from;
}

function rowFor(ends: readonly number[], from: number): number {
  const free = ends.findIndex((end) => end <= from);
  return free === -1 ? Math.min(ends.length, MOST_ROWS - 1) : free;
}

/** @param periods by their start */
function covered(periods: readonly Period[]): number {
  let sum = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of periods) {
    if (to <= until) continue;
    sum += to - Math.max(from, until);
    until = to;
  }
  return sum;
}
