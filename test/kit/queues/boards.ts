import type { Board, BoardAgent, BoardTask, SeriesFigures } from '../../../src/domain/dashboard/board.ts';
import { NO_SERIES } from '../../../src/domain/dashboard/no-series.ts';
import { NO_COUNTS } from '../../../src/domain/figures/queue-stats.ts';

/** A card of a made-up board; what is not given is what a claimable task has. */
export function aCard(more: Partial<BoardTask> = {}): BoardTask {
  return {
    project: 'p',
    task: 'T-1',
    title: 'A task',
    state: 'ready',
    isStalled: false,
    type: null,
    priority: 0,
    labels: {},
    batch: null,
    requires: [],
    waitingFor: [],
    agent: null,
    since: null,
    about: null,
    prUrl: null,
    failures: 0,
    stalls: 0,
    ...more,
  };
}

/** An agent of a made-up board, which has nothing to do. */
export function anAgent(more: Partial<BoardAgent> = {}): BoardAgent {
  return {
    agent: 'a',
    state: 'idle',
    isStalled: false,
    task: null,
    title: null,
    since: null,
    lastSeen: null,
    machine: null,
    claims: 0,
    completions: 0,
    releases: 0,
    failures: 0,
    stalls: 0,
    reviews: 0,
    meanTaskMs: null,
    spans: [],
    ...more,
  };
}

/** Figures over time in which nothing happened. */
export function figures(more: Partial<SeriesFigures> = {}): SeriesFigures {
  return { ...NO_SERIES, ...more };
}

/** A made-up board; what is not given is empty. */
export function aBoard(more: Partial<Board> = {}): Board {
  return {
    branch: 'develop',
    remote: 'origin',
    tip: '0'.repeat(40),
    time: '2026-01-02T00:00:00Z',
    window: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
    knownFrom: null,
    stalledAfterMs: 1_800_000,
    paused: [],
    projects: [],
    all: { ...NO_COUNTS, percent: 0 },
    tasks: [],
    agents: [],
    events: [],
    series: { from: '2026-01-01T00:00:00Z', stepMs: 1_800_000, parts: 0, all: figures(), projects: {} },
    ...more,
  };
}
