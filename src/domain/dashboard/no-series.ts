import type { SeriesFigures } from './board.ts';

/** Figures over time of a window without parts, in which nothing happened. */
export const NO_SERIES: SeriesFigures = {
  claims: [],
  completions: [],
  failures: [],
  stalls: [],
  conflictRate: [],
  latencyP50: [],
  latencyP95: [],
  workP50: [],
  leadP50: [],
  scope: [],
  done: [],
  totals: {
    claims: 0,
    completions: 0,
    failures: 0,
    stalls: 0,
    conflictRate: null,
    latencyP50: null,
    latencyP95: null,
    workP50: null,
    leadP50: null,
    tasksPerHour: null,
    pace: null,
    leftMs: null,
  },
};
