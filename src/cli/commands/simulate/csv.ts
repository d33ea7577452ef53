import type { SimulationRun } from '../../../../lab/simulation/simulation.ts';

/** One line per run, below a line of names: the figures of the JSON document, without the individual claims. */
export function toCsv(runs: readonly SimulationRun[]): string {
  const records = runs.map(recordOf);
  const names = Object.keys(records[0] ?? {});
  const lines = [names, ...records.map((record) => names.map((name) => record[name] ?? null))];
  return lines.map((cells) => `${cells.map(cellOf).join(',')}\n`).join('');
}

type Cell = string | number | null;

function recordOf({ samples: _, violations, claimMs, ...run }: SimulationRun): Record<string, Cell> {
  return {
    ...run,
    claimMsP50: claimMs.p50,
    claimMsP95: claimMs.p95,
    claimMsP99: claimMs.p99,
    claimMsMax: claimMs.max,
    violations: violations.length,
  };
}

function cellOf(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'number' ? String(Math.round(cell * 10_000) / 10_000) : cell;
}
