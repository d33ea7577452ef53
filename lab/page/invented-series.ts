import type { BoardSeries, BoardTask, SeriesFigures } from '../../src/domain/dashboard/board.ts';
import type { Chance } from './invented-tasks.ts';
import { iso } from './invented-tasks.ts';

const PARTS = 48;
const STEP_MS = 1_800_000;

/** Figures over a day that end with what the tasks are. */
export function inventSeries(tasks: readonly BoardTask[], now: number, chance: Chance): BoardSeries {
  const projects = [...new Set(tasks.map(({ project }) => project))];
  return {
    from: iso(now - PARTS * STEP_MS),
    stepMs: STEP_MS,
    parts: PARTS,
    all: figuresOf(tasks, now, chance),
    projects: Object.fromEntries(
      projects.map((project) => [
        project,
        figuresOf(
          tasks.filter((task) => task.project === project),
          now,
          chance,
        ),
      ]),
    ),
  };
}

function figuresOf(tasks: readonly BoardTask[], now: number, chance: Chance): SeriesFigures {
  const from = now - PARTS * STEP_MS;
  const completions = new Array<number>(PARTS).fill(0);
  let before = 0;
  for (const { state, since } of tasks) {
    if (state !== 'completed') continue;
    const part = Math.floor((Date.parse(since ?? '1970-01-01') - from) / STEP_MS);
    if (part < 0) before++;
    else completions[Math.min(part, PARTS - 1)] = (completions[Math.min(part, PARTS - 1)] ?? 0) + 1;
  }
  let sum = before;
  const done = completions.map((one) => {
    sum += one;
    return sum;
  });
  const all = tasks.filter(({ state }) => state !== 'cancelled').length;
  const each = <T>(make: (part: number) => T): T[] => Array.from({ length: PARTS }, (_, part) => make(part));
  const claims = each((part) => Math.round((completions[part] ?? 0) * (0.8 + chance() * 0.5)));
  const failures = each(() => (chance() < 0.15 ? 1 + Math.floor(chance() * 2) : 0));
  const stalls = each(() => (chance() < 0.1 ? 1 : 0));
  const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const inWindow = total(completions);
  return {
    claims,
    completions,
    failures,
    stalls,
    conflictRate: each(() => (chance() < 0.1 ? null : chance() * 0.3)),
    latencyP50: each(() => 700 + chance() * 500),
    latencyP95: each(() => 1500 + chance() * 2500),
    workP50: each(() => (chance() < 0.1 ? null : 900_000 + chance() * 1_800_000)),
    leadP50: each(() => (chance() < 0.2 ? null : 7_200_000 + chance() * 20_000_000)),
    scope: each((part) => Math.round(all * (0.86 + (0.14 * (part + 1)) / PARTS))),
    done,
    totals: {
      claims: total(claims),
      completions: inWindow,
      failures: total(failures),
      stalls: total(stalls),
      conflictRate: 0.13,
      latencyP50: 910,
      latencyP95: 2840,
      workP50: 1_560_000,
      leadP50: 14_400_000,
      tasksPerHour: inWindow / 24,
      pace: null,
      leftMs: inWindow === 0 ? null : ((all - sum) / (inWindow / 24)) * 3_600_000,
    },
  };
}
